"""Two tickets about one matter: one goes on in the other, both keep what was said, and it can be undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from ahadi.lib import clock
from ahadi.tickets import targets
from ahadi.tickets.said import Kind, Said

if TYPE_CHECKING:
    from ahadi.people.models import Agent
    from ahadi.tickets.models import Entry, Ticket

MERGED = "merged"
# What a ticket gets back when it is taken apart again.
_OWN = ("status", "step_code", "step_text", "due", "waiting_since", "solved")
_MOMENTS = ("due", "waiting_since", "solved")


class NotPossible(ValueError):
    """These two cannot be merged; the code says why: itself, merged, or other_customer."""

    @property
    def code(self) -> str:
        return str(self.args[0])


@transaction.atomic(savepoint=False)
def merge(ticket: Ticket, into: Ticket, *, by: Agent, is_shared: bool = False) -> Entry:
    """Let a ticket go on in another; `is_shared` says that its customer takes part there.

    The living one keeps the earliest promise and the longest waiting of both.
    """
    into = into.living
    for each in sorted({ticket, into}, key=lambda each: each.pk):
        each.lock()
    if why := _obstacle(ticket, into, is_shared):
        raise NotPossible(why)
    changes = _together(ticket, into)
    was = {name: _shown(getattr(ticket, name)) for name in _OWN}
    over = {"status": "solved", "solved": clock.now(), "due": None, "waiting_since": None}
    over |= {"snoozed_until": None, "snoozed_for": ""}
    told = {"number": ticket.number, "subject": ticket.subject, "opened": ticket.opened.isoformat()}
    ticket.change(MERGED, {"into": into.number, "was": was}, by, merged_into=into, **over)
    return into.change("merged_here", told, by, **changes)


@transaction.atomic(savepoint=False)
def unmerge(ticket: Ticket, *, by: Agent) -> Entry | None:
    """Take a ticket out again, with the promise it had; None where it is not merged (any more)."""
    into = ticket.merged_into
    if into is None:
        return None
    for each in sorted({ticket, into}, key=lambda each: each.pk):
        each.lock()
    if ticket.merged_into_id != into.pk:
        return None
    last = ticket.entries.filter(code=MERGED).select_related("words").latest("seq")
    entry = ticket.change("unmerged", {"from": into.number}, by, merged_into=None, **_own(ticket, last))
    into.change("unmerged_here", {"number": ticket.number}, by)
    return entry


def pass_on(living: Ticket, said: Said) -> Entry:
    """What was said to a merged ticket, in the one it goes on in; who has no part there waits for a yes."""
    if getattr(said.by, "pk", None) == living.requester_id:
        return living.receive(said)
    return living.append(replace(said, kind=Kind.NOTE, code="held", data={**said.data, "held": "stranger"}))


def _obstacle(ticket: Ticket, into: Ticket, is_shared: bool) -> str:
    if ticket.pk == into.pk:
        # Also a circle: the other one goes on in this one.
        return "itself"
    if ticket.merged_into_id or into.merged_into_id:
        return "merged"
    return "" if is_shared or ticket.requester_id == into.requester_id else "other_customer"


def _together(ticket: Ticket, into: Ticket) -> dict[str, Any]:
    """The fields of the living ticket: open if one was, the first next step, the longest waiting."""
    owed = [each for each in (into, ticket) if not each.is_solved and each.due is not None]
    if not owed:
        return {}
    first = min(owed, key=lambda each: each.due or clock.now())
    waits = [each.waiting_since for each in owed if each.waiting_since]
    is_open = any(each.status == "open" for each in owed)
    return {
        "status": "open" if is_open else "waiting",
        "solved": None,
        "step_code": first.step_code,
        "step_text": first.step_text,
        "due": first.due,
        "waiting_since": min(waits, default=None),
    }


def _own(ticket: Ticket, merged: Entry) -> dict[str, Any]:
    was = {name: _read(name, value) for name, value in merged.words.data.get("was", {}).items()}
    now = clock.now()
    if was.get("status") != "solved" and (not was.get("due") or was["due"] < now):
        # What was promised then was taken over by the other ticket; this one gets a time that can be kept.
        was["due"] = targets.answer_due(ticket.team, now)
    return was


def _shown(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _read(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in _MOMENTS and value else value

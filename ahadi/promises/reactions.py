"""How promises follow from what happens to a ticket."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ahadi.lib import fresh
from ahadi.lib.question import Question
from ahadi.lib.statement import insert, update
from ahadi.promises.models import Promise
from ahadi.tickets.ending import ENDED
from ahadi.tickets.models import Entry, Ticket

_STANDING = Question(lambda ticket: Promise.objects.open().filter(ticket=ticket))

# What a ticket carries of its promise, in the names of its fields.
CARRIED = frozenset(("status", "due", "step_code", "step_text", "assignee", "team"))
# A machine moved the promise: told before its time, or afterwards where no worker lived at that time.
MOVED_BY_MACHINE = ("announced", "explained", "nudged")
# What ends a promise without keeping it: its words go on elsewhere, or the talk was ended.
LET_GO = ("merged", ENDED)
# Written by a person, read by the customer: news, though no answer.
SAID_BY_PEOPLE = ("promised", "handed")


def keep(entry: Entry) -> None:
    """A person's answer, or the end of the matter, keeps the open promise."""
    if entry.is_human_answer or entry.ticket.is_solved:
        for standing in _STANDING.objects(entry.ticket.pk):
            if entry.code in LET_GO:
                _end(standing, entry, moved=entry.at, reason=entry.code)
            else:
                _end(standing, entry, kept=entry.at)


def make(entry: Entry) -> None:
    """Write down the promise a ticket carries now, ending the one it replaces."""
    ticket = entry.ticket
    if ticket.is_solved or ticket.due is None:
        return
    if entry.code == "reopened" and ticket.step_code == Ticket.Step.DELIVERY:
        _take_back(entry)
    if entry.seq > 1 and not entry.is_human_answer and CARRIED.isdisjoint(entry.moved):
        # Neither kept nor moved: it stands as it stood.
        return
    before: Promise | None = None
    # A first entry replaces none, and more than one never stands.
    for before in _STANDING.objects(ticket.pk) if entry.seq > 1 else ():
        if before.due == ticket.due and before.is_ours == (ticket.step_code != Ticket.Step.CUSTOMER):
            _pass_on(before, ticket)
            return
        announced = entry.at if entry.code in MOVED_BY_MACHINE and before.is_ours else None
        _end(before, entry, moved=entry.at, reason=_reason(entry)[:250], announced=announced)
    insert(_promise(entry, ticket, ticket.due, before))


def _promise(entry: Entry, ticket: Ticket, due: datetime, before: Promise | None) -> Promise:
    return fresh.make(
        Promise,
        ticket=ticket,
        step_code=ticket.step_code,
        step_text=ticket.step_text,
        owner_agent_id=ticket.assignee_id,
        owner_team_id=ticket.team_id,
        due=due,
        made=entry.at,
        made_by_id=entry.agent_id,
        again=entry.code in MOVED_BY_MACHINE,
        heard=entry.at if before is None or _is_news(entry) else before.heard,
        look=entry.at,
    )


def _pass_on(standing: Promise, ticket: Ticket) -> None:
    """The same time stays the same promise, whoever keeps it now and in whatever words."""
    now = {
        "step_code": ticket.step_code,
        "step_text": ticket.step_text,
        "owner_agent_id": ticket.assignee_id,
        "owner_team_id": ticket.team_id,
    }
    changed = [name for name, value in now.items() if getattr(standing, name) != value]
    for name in changed:
        setattr(standing, name, now[name])
    if changed:
        update(standing, *(name.removesuffix("_id") for name in changed))


def _end(standing: Promise, entry: Entry, **how: Any) -> None:
    standing.ended = entry.at
    for name, value in how.items():
        setattr(standing, name, value)
    if standing.broken is None and standing.is_ours and entry.at > standing.due:
        how["broken"] = standing.broken = standing.due
    update(standing, "ended", *how)


def _take_back(entry: Entry) -> None:
    """Words that never arrived have kept nothing."""
    kept = Promise.objects.filter(ticket=entry.ticket, kept__isnull=False).order_by("-pk").first()
    if kept is not None:
        kept.kept, kept.moved, kept.reason = None, entry.at, _reason(entry)[:250]
        update(kept, "kept", "moved", "reason")


def _is_news(entry: Entry) -> bool:
    return entry.is_human_answer or (entry.agent_id is not None and entry.code in SAID_BY_PEOPLE)


def _reason(entry: Entry) -> str:
    given = entry.words.data.get("reason")
    return str(given or entry.code or entry.kind)

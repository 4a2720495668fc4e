"""One change of many tickets: shown before it runs, done one by one, told at its end, undone at a word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from ahadi import outbox
from ahadi.lib import clock
from ahadi.people.models import Agent, Team
from ahadi.tickets import fields, handing, merging, snoozing
from ahadi.tickets.models import Batch, BatchChange, Tag, Ticket

FORBIDDEN = "forbidden"
JOB = "tickets.batch"
MOST = 5_000
# Rule A-14: long enough to read the report.
UNDO = timedelta(seconds=60)
# A job does so many and asks for another: mails and other jobs go in between.
AT_ONCE = 50
_MOMENTS = ("due", "waiting_since", "solved", "snoozed_until")
_KEPT = (
    "status", "priority", "team_id", "assignee_id", "step_code", "step_text", "snoozed_for", *_MOMENTS,
)  # fmt: skip


class Left(Exception):
    """A ticket that is left as it is; the code says why."""


def plan(agent: Agent, tickets: Sequence[int], acts: Mapping[str, Any]) -> Batch:
    """Write down what is to be done, to be looked at before it runs."""
    return Batch.objects.create(agent=agent, tickets=list(tickets)[:MOST], acts=dict(acts))


def outlook(batch: Batch) -> dict[str, int]:
    """How many tickets would change, and how many would be left out for which reason."""
    seen = {row.pk: row for row in _seen(batch).filter(pk__in=batch.tickets)}
    found: dict[str, int] = {}
    for key in batch.tickets:
        why = _obstacle(seen.get(key), batch.acts)
        found[why] = found.get(why, 0) + 1
    return found


@transaction.atomic
def start(batch: Batch) -> bool:
    """Let it run in the background; false where it runs already."""
    begun = Batch.objects.filter(pk=batch.pk, state=Batch.State.PLANNED)
    if not begun.update(state=Batch.State.RUNNING):
        return False
    outbox.put(JOB, {"batch_id": batch.pk}, order_by=f"batch/{batch.pk}")
    return True


@transaction.atomic
def undo(batch: Batch) -> bool:
    """Bring everything back as it was where nothing else happened since; false where it is too late."""
    found = _locked(batch.pk)
    if not may_undo(found):
        return False
    found.state, found.place, found.ended = Batch.State.UNDOING, 0, None
    found.done, found.skipped = 0, {}
    found.save(update_fields=["state", "place", "ended", "done", "skipped"])
    outbox.put(JOB, {"batch_id": batch.pk}, order_by=f"batch/{batch.pk}")
    return True


def may_undo(batch: Batch) -> bool:
    """It runs, or ended less than a minute ago."""
    if batch.state != Batch.State.DONE or batch.ended is None:
        return batch.state == Batch.State.RUNNING
    return clock.now() - batch.ended <= UNDO


def run(batch_id: int) -> None:
    """Job: the next tickets of a batch, each in a transaction of its own with the mark how far it is."""
    for _number in range(AT_ONCE):
        if not _go_on(batch_id):
            return
    with transaction.atomic():
        outbox.put(JOB, {"batch_id": batch_id}, order_by=f"batch/{batch_id}")


@transaction.atomic
def _go_on(batch_id: int) -> bool:
    batch = _locked(batch_id)
    if batch.state not in (Batch.State.RUNNING, Batch.State.UNDOING):
        return False
    step = _next_back(batch) if batch.state == Batch.State.UNDOING else _next(batch)
    if step is None:
        batch.state = Batch.State.UNDONE if batch.state == Batch.State.UNDOING else Batch.State.DONE
        batch.ended = clock.now()
        batch.save(update_fields=["state", "ended"])
        return False
    try:
        # What was done to a ticket before it turned out to be left goes back.
        with transaction.atomic():
            step()
        batch.done += 1
    except Left as reason:
        batch.skipped[str(reason)] = batch.skipped.get(str(reason), 0) + 1
    except PermissionDenied:
        # A formal complaint, or a talk that was ended: neither is one of many.
        batch.skipped[FORBIDDEN] = batch.skipped.get(FORBIDDEN, 0) + 1
    batch.place += 1
    batch.save(update_fields=["place", "done", "skipped"])
    return True


def _next(batch: Batch) -> Callable[[], None] | None:
    if batch.place >= len(batch.tickets):
        return None
    return partial(_change, batch, batch.tickets[batch.place])


def _next_back(batch: Batch) -> Callable[[], None] | None:
    found = BatchChange.objects.filter(batch=batch).order_by("pk")[batch.place : batch.place + 1]
    return next((partial(_bring_back, batch, change) for change in found), None)


def _change(batch: Batch, key: int) -> None:
    ticket = _seen(batch).filter(pk=key).first()
    if ticket is not None:
        ticket.lock()
    if (why := _obstacle(ticket, batch.acts)) or ticket is None:
        raise Left(why)
    before = {name: _shown(getattr(ticket, name)) for name in _KEPT}
    before["tags"] = list(ticket.tags.values_list("pk", flat=True))
    for name, act in ACTS.items():
        if name in batch.acts:
            act(ticket, batch.acts[name], batch)
    BatchChange.objects.create(batch=batch, ticket=ticket, seq=ticket.last_seq, before=before)


def _bring_back(batch: Batch, change: BatchChange) -> None:
    before = change.before
    ticket = _seen(batch).filter(pk=change.ticket_id).first()
    if ticket is None:
        raise Left("unseen")
    ticket.lock()
    if ticket.last_seq != change.seq:
        raise Left("changed")
    if ticket.merged_into_id is not None:
        merging.unmerge(ticket, by=batch.agent)
    ticket.tags.set(before["tags"])
    changes = {name: _read(name, before[name]) for name in _KEPT}
    changes |= {"team": Team.objects.get(pk=changes.pop("team_id"))}
    changes |= {"assignee": Agent.objects.filter(pk=changes.pop("assignee_id") or 0).first()}
    ticket.change("undone", {"batch": batch.pk}, batch.agent, **changes)


def _obstacle(ticket: Ticket | None, acts: Mapping[str, Any]) -> str:
    """Why a ticket is left as it is; empty where nothing is in the way."""
    if ticket is None:
        return "unseen"
    if ticket.merged_into_id is not None:
        return "merged"
    if (acts.get("status") == ticket.status and len(acts) == 1) or acts.get("merge") == ticket.number:
        return "same"
    if "snooze" in acts:
        until = datetime.fromisoformat(acts["snooze"])
        if ticket.is_solved or ticket.due is None or ticket.due < until:
            return "late"
    if "owner" in acts and not acts.get("sentence") and _leaves(ticket, acts["owner"]):
        return "sentence"
    if acts.get("status") == Ticket.Status.SOLVED and fields.missing(ticket):
        return "fields"
    return ""


def _leaves(ticket: Ticket, owner: str) -> bool:
    """The ticket is taken from a person: whoever takes over has to know why."""
    return ticket.assignee_id is not None and owner != f"agent:{ticket.assignee_id}"


def _own(ticket: Ticket, owner: str, batch: Batch) -> None:
    kind, _colon, key = owner.partition(":")
    sentence = str(batch.acts.get("sentence", ""))
    if kind == "team":
        if ticket.team_id != int(key):
            handing.hand(ticket, Team.objects.get(pk=key), sentence, by=batch.agent)
        return
    agent = Agent.objects.filter(pk=key, is_active=True).first() if kind == "agent" else None
    if kind == "agent" and agent is None:
        raise Left("gone")
    if ticket.assignee_id != (agent.pk if agent else None):
        handing.hand(ticket, agent, sentence, by=batch.agent)


def _tag(ticket: Ticket, names: list[str], batch: Batch) -> None:
    has = list(ticket.tags.all())
    new = [name for name in names if name not in {tag.name for tag in has}]
    if new:
        ticket.retag([*has, *(Tag.objects.get_or_create(name=name)[0] for name in new)], by=batch.agent)


def _prioritise(ticket: Ticket, priority: int, batch: Batch) -> None:
    if ticket.priority != priority:
        ticket.prioritise(priority, by=batch.agent)


def _settle(ticket: Ticket, status: str, batch: Batch) -> None:
    verbs = {"open": ticket.reopen, "waiting": ticket.wait, "solved": ticket.solve}
    if status != ticket.status:
        verbs[status](by=batch.agent)


def _snooze(ticket: Ticket, until: str, batch: Batch) -> None:
    try:
        snoozing.snooze(ticket, datetime.fromisoformat(until), by=batch.agent)
    except snoozing.NotPossible as error:
        raise Left("late") from error


def _merge(ticket: Ticket, number: str, batch: Batch) -> None:
    into = _seen(batch).filter(number=number).first()
    if into is None:
        raise Left("unseen")
    try:
        merging.merge(ticket, into, by=batch.agent)
    except merging.NotPossible as error:
        raise Left("same" if error.code == "itself" else error.code) from error


# In the order in which they are done: handing over comes late, because it may take the ticket out of sight,
# and in a merged ticket nothing is changed any more.
ACTS: dict[str, Callable[[Ticket, Any, Batch], None]] = {
    "tags": _tag,
    "priority": _prioritise,
    "snooze": _snooze,
    "status": _settle,
    "owner": _own,
    "merge": _merge,
}


def _seen(batch: Batch) -> Any:
    return Ticket.objects.visible_to(batch.agent)


def _locked(key: int) -> Batch:
    return Batch.objects.select_for_update(of=("self",)).select_related("agent").get(pk=key)


def _shown(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _read(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in _MOMENTS and value else value

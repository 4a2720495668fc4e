"""How promises follow from what happens to a ticket."""

from __future__ import annotations

from ahadi.lib.question import Question
from ahadi.lib.statement import insert, update
from ahadi.promises.models import Promise
from ahadi.tickets.models import Entry, Ticket

_STANDING = Question(lambda ticket: Promise.objects.open().filter(ticket=ticket))


def keep(entry: Entry) -> None:
    """A person's answer, or the end of the matter, keeps the open promise."""
    if entry.is_human_answer or entry.ticket.is_solved:
        for standing in _STANDING.objects(entry.ticket.pk):
            standing.kept = standing.ended = entry.at
            update(standing, "kept", "ended")


def make(entry: Entry) -> None:
    """Write down the promise a ticket carries now, ending the one it replaces."""
    ticket = entry.ticket
    if ticket.is_solved or ticket.due is None:
        return
    if entry.code == "reopened" and ticket.step_code == Ticket.Step.DELIVERY:
        _take_back(entry)
    # A first entry replaces none, and more than one never stands.
    for standing in _STANDING.objects(ticket.pk) if entry.seq > 1 else ():
        if _is_same(standing, ticket):
            return
        standing.moved = standing.ended = entry.at
        standing.reason = str(_reason(entry))[:250]
        update(standing, "moved", "ended", "reason")
    promise = Promise(
        ticket=ticket,
        step_code=ticket.step_code,
        step_text=ticket.step_text,
        owner_agent_id=ticket.assignee_id,
        owner_team_id=ticket.team_id,
        due=ticket.due,
        made=entry.at,
        made_by_id=entry.agent_id,
    )
    insert(promise)


def _take_back(entry: Entry) -> None:
    """Words that never arrived have kept nothing."""
    kept = Promise.objects.filter(ticket=entry.ticket, kept__isnull=False).order_by("-pk").first()
    if kept is not None:
        kept.kept, kept.moved, kept.reason = None, entry.at, _reason(entry)[:250]
        update(kept, "kept", "moved", "reason")


def _is_same(promise: Promise, ticket: Ticket) -> bool:
    return (
        promise.due == ticket.due
        and promise.step_code == ticket.step_code
        and promise.step_text == ticket.step_text
        and promise.owner_agent_id == ticket.assignee_id
        and promise.owner_team_id == ticket.team_id
    )


def _reason(entry: Entry) -> str:
    given = entry.words.data.get("reason")
    return given or entry.code or entry.kind

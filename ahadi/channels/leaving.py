"""Between "send" and gone: an answer can be taken back for seconds, or leaves at a time that was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from ahadi import outbox
from ahadi.automation import speaking
from ahadi.channels.models import Draft
from ahadi.lib import clock
from ahadi.people.models import Agent
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import File

JOB = "channels.leave"
# Long enough to see one's own mistake (rule A-07); a writer may choose another length.
UNDO = timedelta(seconds=10)
# A worker looks for what is due every two seconds: an answer to a promise this near leaves at once.
NEAR = timedelta(seconds=5)


@transaction.atomic
def put(
    ticket: Ticket,
    text: str,
    *,
    by: Agent,
    files: Sequence[File] = (),
    at: datetime | None = None,
    undo: timedelta = UNDO,
    **more: Any,
) -> Draft:
    """Let an answer leave when it can no longer be taken back, or at the time that was chosen."""
    draft = Draft(ticket=ticket, agent=by, text=text, leaves=at or _soon(ticket, undo), **more)
    draft.attach(files)
    draft.save()
    _ask(draft)
    return draft


@transaction.atomic
def move(draft: Draft, moment: datetime) -> bool:
    """Let it leave at another time; false where it has left or been taken back meanwhile."""
    found = _living(draft)
    if found is not None:
        found.move(moment)
        _ask(found)
    return found is not None


@transaction.atomic
def take_back(draft: Draft, *, by: Agent) -> bool:
    """Give it to this person to write anew, also when it was stopped; false where it has left already."""
    draft.ticket.lock()
    found = Draft.objects.filter(pk=draft.pk).first()
    if found is not None:
        found.agent = by
        found.rest(found.reason or Draft.Reason.TAKEN_BACK)
    return found is not None


def leave(draft_id: int) -> None:
    """Make an entry of a draft whose time has come; a draft that was moved or taken back stays."""
    draft = Draft.objects.select_related("ticket").filter(pk=draft_id).first()
    if draft is not None:
        release(draft.ticket)


@transaction.atomic
def release(ticket: Ticket) -> list[Entry]:
    """Let everything of a ticket leave that is due, in the order of its times."""
    ticket.lock()
    due = Draft.objects.filter(ticket=ticket).leaving().filter(leaves__lte=clock.now())
    return [entry for draft in due.select_related("agent") if (entry := _let_go(draft, ticket))]


def said_since(ticket: Ticket, seq: int, writer: Agent, text: str) -> list[Entry]:
    """What a writer has not seen: the customer's words and colleagues' answers, and this very answer."""
    # In a live talk both write at once; only a colleague's answer is a surprise.
    kinds = (Entry.Kind.REPLY,) if is_live(ticket) else (Entry.Kind.MESSAGE, Entry.Kind.REPLY)
    said = ticket.entries.filter(seq__gt=seq, automatic=False, kind__in=kinds)
    found = said.select_related("agent", "customer", "words").order_by("seq")
    return [entry for entry in found if entry.agent_id != writer.pk or entry.words.text == text]


def is_live(ticket: Ticket) -> bool:
    """Somebody waits for the answer with the panel open: it leaves at once."""
    return speaking.floor_of(ticket).is_live


def _soon(ticket: Ticket, undo: timedelta) -> datetime:
    now = clock.now()
    if is_live(ticket):
        return now
    is_near = ticket.due is not None and now < ticket.due < now + undo + NEAR
    return now if is_near else now + undo


def _ask(draft: Draft) -> None:
    # No order with the ticket's other work: it may wait for days, and mails must not wait behind it.
    wait = (draft.leaves - clock.now()).total_seconds() if draft.leaves else 0
    outbox.put(JOB, {"draft_id": draft.pk}, delay=max(wait, 0))


def _living(draft: Draft) -> Draft | None:
    draft.ticket.lock()
    return Draft.objects.leaving().filter(pk=draft.pk).first()


def _let_go(draft: Draft, ticket: Ticket) -> Entry | None:
    if reason := _obstacle(draft, ticket):
        draft.rest(reason)
        return None
    # A time that has passed cannot be promised; then the policy gives one.
    due = draft.due if draft.due and draft.due > clock.now() else None
    floor = speaking.floor_of(ticket)
    if floor.is_live and not floor.with_person:
        # The visitor reads who comes before they read the first word.
        ticket.assign(draft.agent, by=draft.agent)
    entry = ticket.reply(
        draft.text,
        by=draft.agent,
        step=draft.step,
        due=due,
        solve=draft.then == "solve",
        wait=draft.then == "wait",
        files=draft.attachments(),
    )
    draft.delete()
    return entry


def _obstacle(draft: Draft, ticket: Ticket) -> str:
    writer = draft.agent
    if not writer.is_active or not Ticket.objects.visible_to(writer).filter(pk=ticket.pk).exists():
        return Draft.Reason.WRITER
    if said_since(ticket, draft.seq, writer, draft.text):
        return Draft.Reason.NEWER
    if ticket.solved is not None and ticket.solved > draft.written:
        return Draft.Reason.SOLVED
    return ""

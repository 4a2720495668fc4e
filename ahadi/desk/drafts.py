"""Answers that have not left, as the page of their ticket shows them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from ahadi.channels import leaving, links
from ahadi.channels.models import Draft
from ahadi.desk import sketches
from ahadi.desk.forms.ticket import LOCAL, ReplyForm
from ahadi.lib import clock
from ahadi.people.models import Address, Agent
from ahadi.tickets.models import Ticket

MORNING = 9
# So long before a promise is due an answer is offered to leave.
BEFORE = timedelta(minutes=15)
# Longer than this the customer waits for nothing.
LONGEST_UNDO = 30
# Shorter waits are counted in seconds, longer ones told by their moment.
COUNTED = timedelta(minutes=1)


class Waiting(NamedTuple):
    """An answer that leaves by itself; `seconds` where there are few, and its time as a field shows it."""

    draft: Draft
    seconds: int | None
    typed: str


class Drafts(NamedTuple):
    """What leaves soon or later, what came back to its writer or to a colleague, and a time to offer."""

    leaving: list[Waiting]
    resting: Draft | None
    stopped: list[Draft]
    offered: str


class Readers(NamedTuple):
    """Who will get an answer by mail: names with their addresses, always in sight above the editor."""

    addresses: list[tuple[str, str]]


def readers(ticket: Ticket) -> Readers:
    """The address for answers first, then all who take part."""
    if getattr(ticket, "has_others", True):
        found = links.recipients_of(ticket)
    else:
        found = [ticket.address] if ticket.address else []
    # As the way out decides, except for our own addresses: looking for those costs a question.
    mailed = [one for one in found if one.kind == Address.Kind.EMAIL and one.value.isascii()]
    names = {ticket.address_id: ticket.requester.name}
    return Readers([(names.get(address.pk) or address.customer.name, address.shown) for address in mailed])


def context(agent: Agent, ticket: Ticket, reply: ReplyForm | None = None) -> dict[str, Any]:
    """What the page shows of them; an answer that came back stands in the editor, unless another does."""
    found: dict[str, Any] = {"readers": readers(ticket), **_begun(agent, ticket, reply)}
    if not getattr(ticket, "has_drafts", True):
        return found | {"drafts": Drafts([], None, [], _offered(ticket))}
    drafts = Draft.objects.filter(ticket=ticket).select_related("agent")
    leaves = [Waiting(draft, seconds(draft), _local(draft.leaves)) for draft in drafts.leaving()]
    resting = drafts.resting().filter(agent=agent).first()
    # What a colleague took back is theirs; what was stopped must be seen by whoever looks.
    stopped = list(drafts.resting().exclude(agent=agent).exclude(reason=Draft.Reason.TAKEN_BACK))
    found["drafts"] = Drafts(leaves, resting, stopped, _offered(ticket))
    if resting is not None and reply is None:
        # What was written since it came back is newer.
        found["reply"] = ReplyForm(typed(resting) | found["sketches"].get("reply", {}))
        found["newer"] = leaving.said_since(ticket, resting.seq, agent, resting.text)
    return found


def _begun(agent: Agent, ticket: Ticket, reply: ReplyForm | None) -> dict[str, Any]:
    """Words that were not sent stand in the editor again, unless it holds what was just refused."""
    begun = sketches.of(ticket, agent)
    found: dict[str, Any] = {"sketches": begun}
    if begun and reply is None:
        found["mode"] = "reply" if "reply" in begun else "note"
        # Shown as it was typed, not as it would be judged.
        found["reply"] = ReplyForm(initial=begun[found["mode"]])
    return found


def typed(draft: Draft) -> dict[str, Any]:
    """The answer as its writer typed it."""
    due = _local(draft.due) if draft.due and draft.due > clock.now() else ""
    return {"text": draft.text, "step": draft.step, "due": due, "then": draft.then, "draft": draft.pk}


def undo(agent: Agent) -> timedelta:
    """How long what this agent sends can be taken back."""
    chosen = agent.preferences.get("undo", leaving.UNDO.seconds)
    return timedelta(seconds=min(max(int(chosen), 0), LONGEST_UNDO))


def seconds(draft: Draft) -> int | None:
    """How many seconds are left to take it back; None where it leaves much later."""
    if draft.leaves is None or draft.leaves - clock.now() > COUNTED:
        return None
    return max(0, round((draft.leaves - clock.now()).total_seconds()))


def _local(moment: datetime | None) -> str:
    return timezone.localtime(moment).strftime(LOCAL) if moment else ""


def _offered(ticket: Ticket) -> str:
    now = clock.now()
    morning = timezone.localtime(now).replace(hour=MORNING, minute=0) + timedelta(days=1)
    # Not after the customer expects to hear from us.
    is_promised = ticket.due is not None and now + BEFORE < ticket.due < morning
    return _local(ticket.due - BEFORE if ticket.due and is_promised else morning)

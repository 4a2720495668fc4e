"""What a customer is told about a request: the promise, the steps and the talk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from markupsafe import Markup

from ahadi.lib import clock
from ahadi.lib.html import text_to_html
from ahadi.people.models import Address, Agent
from ahadi.portal import access
from ahadi.tickets.models import Attachment, Entry, Ticket

# An address is shown so that its owner knows it and nobody learns it.
SHOWN_LETTERS = 1


@dataclass(frozen=True)
class Promise:
    """Who does what until when, in words for the customer."""

    due: datetime
    owner: Agent | None
    next: str
    is_broken: bool
    is_waiting: bool


@dataclass(frozen=True)
class Step:
    """One stop on the way of a request; without a date it has not been reached."""

    state: str
    name: str
    at: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Line:
    """One entry of the talk as the customer reads it."""

    entry: Entry
    who: str
    html: Markup
    files: Sequence[Attachment]


def promise_of(ticket: Ticket) -> Promise | None:
    """The promise that stands; a solved request has none."""
    if ticket.due is None or ticket.is_solved:
        return None
    is_waiting = ticket.status == Ticket.Status.WAITING
    is_broken = not is_waiting and ticket.due < clock.now()
    return Promise(ticket.due, ticket.assignee, _next_step(ticket), is_broken, is_waiting)


def steps_of(ticket: Ticket) -> list[Step]:
    """Where a request is: only what really happened, with its date, and what comes next."""
    answered = _first_answer(ticket)
    owner = ticket.assignee
    steps = [Step("done", _("Received"), ticket.opened)]
    if owner is not None:
        name = _("%(name)s takes care of it") % {"name": owner.first_name}
        steps.append(Step("done", name, _owned_since(ticket, answered)))
    elif not ticket.is_solved:
        name = _("Team %(team)s has it") % {"team": ticket.team.name}
        steps.append(Step("now" if answered is None else "done", name))
    if answered is not None:
        steps.append(Step("done", _("First answer"), answered.at))
    return steps + _rest(ticket, is_begun=owner is not None or answered is not None)


def talk_of(ticket: Ticket, guest: Address) -> list[Line]:
    """What was said between the customer and us, oldest first."""
    entries = access.entries_of(ticket).select_related("words", "agent", "customer", "address")
    return [
        Line(
            entry=entry,
            who=_who(entry, guest),
            # Every character is escaped there, and links become links.
            html=Markup(text_to_html(entry.words.shown_text)),  # noqa: S704
            files=entry.attachments.all(),
        )
        for entry in entries.prefetch_related("attachments")
    ]


def understood_of(ticket: Ticket, talk: Sequence[Line]) -> Any:
    """What an agent wrote down as the matter, where it is not just what the form said."""
    statement = getattr(ticket, "statement", None)
    if statement is None:
        return None
    told = talk[0].entry.words.data.get("statement", {}) if talk else {}
    parts = ("situation", "problem", "wish", "tried")
    same = all(getattr(statement, part) == told.get(part, "") for part in parts)
    return None if same else statement


def masked(address: Address) -> str:
    """An address that its owner recognises: a•••@post.example, or the last digits of a number."""
    if address.kind == Address.Kind.PHONE:
        return f"••• {address.value[-3:]}"
    local, _at, domain = address.shown.rpartition("@")
    return f"{local[:SHOWN_LETTERS]}•••@{domain}"


def _next_step(ticket: Ticket) -> str:
    if ticket.step_text:
        return ticket.step_text
    steps = {
        Ticket.Step.FIRST_ANSWER: _("Next, a person reads what you wrote and tells you what can be done."),
        Ticket.Step.ANSWER: _("Next, a person answers your latest message."),
        Ticket.Step.NEWS: _("Next, you get news, even if it is not finished by then."),
        Ticket.Step.CUSTOMER: _("It is your turn: answer below, and it goes on."),
        Ticket.Step.DELIVERY: _("Our answer did not reach you. We are looking for another way; it is below."),
    }
    return steps.get(Ticket.Step(ticket.step_code), "")


def _first_answer(ticket: Ticket) -> Entry | None:
    return access.entries_of(ticket).filter(kind=Entry.Kind.REPLY, automatic=False).first()


def _owned_since(ticket: Ticket, answered: Entry | None) -> datetime | None:
    named = Entry.objects.filter(ticket=ticket, code="assigned", kind=Entry.Kind.EVENT).order_by("seq")
    moments = [entry.at for entry in (named.first(), answered) if entry is not None]
    return min(moments, default=None)


def _rest(ticket: Ticket, is_begun: bool) -> list[Step]:
    if ticket.is_solved:
        return [Step("done", _("Solved"), ticket.solved)]
    if ticket.status == Ticket.Status.WAITING:
        return [Step("now", _("Your turn"), until=ticket.due), Step("later", _("Solved"))]
    state = "now" if is_begun else "later"
    return [Step(state, _("In work"), until=ticket.due), Step("later", _("Solved"))]


def _who(entry: Entry, guest: Address) -> str:
    if entry.customer is not None:
        return _("You") if entry.customer_id == guest.customer_id else entry.customer.name or _("Somebody else")
    if entry.automatic:
        return _("Confirmation")
    return entry.agent.first_name if entry.agent else _("Us")

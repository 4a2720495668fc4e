"""Where a request is: only steps that really happened, with their dates, and the one that comes next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ahadi.channels.form.channel import PARTS
from ahadi.lib import clock
from ahadi.tickets.models import Entry, Statement, Ticket


class Step(NamedTuple):
    """One station on the way: done, now or later; with its date when there is one."""

    state: str
    name: str
    at: datetime | None = None
    note: str = ""


def steps(ticket: Ticket, entries: Sequence[Entry]) -> list[Step]:
    """Received, in somebody's hands, answered, solved: done with their dates, the rest to come."""
    answers = [entry for entry in entries if entry.is_human_answer]
    found = [Step("done", pgettext("step", "Received"), ticket.opened)]
    if ticket.assignee is not None:
        name = _("%(name)s takes care of it") % {"name": ticket.assignee.first_name}
        found.append(Step("done", name, _taken(ticket, answers)))
    else:
        found.append(Step("later", _("A person takes care of it")))
    if answers:
        found.append(Step("done", _("First answer"), answers[0].at))
    else:
        found.append(Step("later", _("First answer")))
    if answers and ticket.status == Ticket.Status.WAITING:
        found.append(Step("later", _("Your answer"), note=_("Now it is your turn")))
    elif answers and ticket.status == Ticket.Status.OPEN:
        found.append(Step("later", _("In work")))
    found.append(Step("done" if ticket.is_solved else "later", pgettext("step", "Solved"), ticket.solved))
    return _with_present(found, ticket)


def next_step(ticket: Ticket) -> str:
    """What happens next, as the customer reads it."""
    if ticket.step_text:
        return ticket.step_text
    return {
        Ticket.Step.FIRST_ANSWER: _("Next a person reads what you wrote and tells you what can be done."),
        Ticket.Step.ANSWER: _("Next a person reads your latest message and answers it."),
        Ticket.Step.NEWS: _("Next a person writes to you with news."),
        Ticket.Step.CUSTOMER: _("We are waiting for your answer; then it goes on."),
        Ticket.Step.DELIVERY: _("Our answer did not reach you. We are looking for another way."),
    }.get(Ticket.Step(ticket.step_code), "")


def understood(ticket: Ticket, entries: Sequence[Entry]) -> Statement | None:
    """What an agent wrote down as the matter; nothing where it only repeats the form."""
    statement = Statement.objects.filter(ticket=ticket).first()
    said = entries[0].words.data.get("statement", {}) if entries else {}
    if statement is None or all(getattr(statement, part) == said.get(part, "") for part in PARTS):
        return None
    return statement


def is_late(ticket: Ticket) -> bool:
    """A promise to this customer is past its time."""
    is_ours = ticket.status == Ticket.Status.OPEN
    return is_ours and ticket.due is not None and ticket.due < clock.now()


def _taken(ticket: Ticket, answers: Sequence[Entry]) -> datetime | None:
    changes = Entry.objects.filter(ticket=ticket, kind=Entry.Kind.EVENT, code="assigned")
    last = changes.order_by("-seq").values_list("at", flat=True).first()
    own = [entry.at for entry in answers if entry.agent_id == ticket.assignee_id]
    return last or (own[0] if own else None)


def _with_present(found: list[Step], ticket: Ticket) -> list[Step]:
    for place, step in enumerate(found):
        if step.state == "later" and not ticket.is_solved:
            return [*found[:place], step._replace(state="now", at=ticket.due), *found[place + 1 :]]
    return [step._replace(state="done") for step in found if step.at or step.state == "done"]

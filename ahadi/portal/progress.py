"""Where a request is: only steps that really happened, with their dates, and the one that comes next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ahadi.lib import clock
from ahadi.tickets import hearing
from ahadi.tickets.hearing import Hearing
from ahadi.tickets.models import Entry, Statement, Ticket

# Solved for so long without another word, a request is taken as closed.
CLOSES_AFTER = timedelta(days=14)
UNHEARD = Hearing(None)


class Step(NamedTuple):
    """One station on the way: done, now or later; with its date when there is one."""

    state: str
    name: str
    at: datetime | None = None
    note: str = ""


def steps(
    ticket: Ticket, entries: Sequence[Entry], heard: Hearing = UNHEARD, works: datetime | None = None
) -> list[Step]:
    """From received to closed, as a parcel's way is shown: done with their dates, the rest to come."""
    # What was understood is a question to the customer, and no answer yet.
    answers = [entry for entry in entries if entry.is_human_answer and entry.code != hearing.ASKED]
    found = [Step("done", pgettext("step", "Received"), ticket.opened), _owner(ticket, answers)]
    found += _understood(heard, answers)
    if ticket.step_code == Ticket.Step.ENDED:
        return [*_done(found), Step("done", _("Talk ended by us"), ticket.solved)]
    found += _work(ticket, answers)
    found.append(_solution(ticket, answers))
    found.append(Step("done" if works else "later", _("You say it works"), works))
    found.append(_closed(ticket, works))
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
        Ticket.Step.CALL: _("Next a person calls you."),
        Ticket.Step.DELIVERY: _("Our answer did not reach you. We are looking for another way."),
    }.get(Ticket.Step(ticket.step_code), "")


def understood(heard: Hearing, entries: Sequence[Entry]) -> Statement | None:
    """What was told back to the customer; nothing where it only repeats the form."""
    statement = heard.statement
    if statement is None or heard.state in ("asked", "confirmed", "corrected"):
        return statement
    said = entries[0].words.data.get("statement", {}) if entries else {}
    is_same = all(getattr(statement, part) == said.get(part, "") for part in hearing.PARTS)
    return None if is_same else statement


def is_late(ticket: Ticket) -> bool:
    """A promise to this customer is past its time."""
    is_ours = ticket.status == Ticket.Status.OPEN
    return is_ours and ticket.due is not None and ticket.due < clock.now()


def _owner(ticket: Ticket, answers: Sequence[Entry]) -> Step:
    if ticket.assignee is None:
        return Step("later", _("A person takes care of it"))
    name = _("%(name)s takes care of it") % {"name": ticket.assignee.first_name}
    changes = Entry.objects.filter(ticket=ticket, kind=Entry.Kind.EVENT, code="assigned")
    last = changes.order_by("-seq").values_list("at", flat=True).first()
    own = [entry.at for entry in answers if entry.agent_id == ticket.assignee_id]
    return Step("done", name, last or (own[0] if own else None))


def _understood(heard: Hearing, answers: Sequence[Entry]) -> list[Step]:
    name = pgettext("step", "Understood")
    at = heard.last.at if heard.last else None
    if heard.state == "asked":
        return [Step("later", name, note=_("Waiting for your yes"))]
    elif heard.state == "confirmed":
        return [Step("done", name, at, _("Confirmed by you"))]
    elif heard.state == "corrected":
        return [Step("done", name, at, _("In your own words"))]
    # An answer shows that it was understood, or asks.
    return [] if answers else [Step("later", name)]


def _work(ticket: Ticket, answers: Sequence[Entry]) -> list[Step]:
    if not answers:
        return [Step("later", _("First answer"))]
    first = Step("done", _("First answer"), answers[0].at)
    if ticket.status == Ticket.Status.WAITING:
        return [first, Step("later", _("Your answer"), note=_("Now it is your turn"))]
    return [first] if ticket.is_solved else [first, Step("later", _("In work"))]


def _solution(ticket: Ticket, answers: Sequence[Entry]) -> Step:
    name = _("Solution proposed")
    if not ticket.is_solved:
        return Step("later", name)
    proposed = [entry.at for entry in answers if entry.code == "solution"]
    return Step("done", name, proposed[-1] if proposed else ticket.solved)


def _closed(ticket: Ticket, works: datetime | None) -> Step:
    name = pgettext("step", "Closed")
    if works:
        return Step("done", name, works)
    until = ticket.solved + CLOSES_AFTER if ticket.solved else None
    if until is not None and until <= clock.now():
        return Step("done", name, until)
    return Step("later", name)


def _done(found: list[Step]) -> list[Step]:
    # What did not happen before the end will not happen any more.
    return [step for step in found if step.state == "done"]


def _with_present(found: list[Step], ticket: Ticket) -> list[Step]:
    if found[-1].state == "done":
        return _done(found)
    for place, step in enumerate(found):
        if step.state == "later":
            at = None if ticket.is_solved or step.note else ticket.due
            return [*found[:place], step._replace(state="now", at=at), *found[place + 1 :]]
    return found

"""Ending an abusive talk: a warning, then the end with a fixed letter, then a lead looks at it again.

Nothing the customer says is lost, and no way to be heard closes: by letter, by a formal complaint, with
another request. While a complaint about the matter waits for its decision its talk cannot be ended.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from ahadi.calendars import dates
from ahadi.complaints.models import Complaint, Ending, Rules
from ahadi.complaints.terms import Term, Unit, end
from ahadi.lib import clock
from ahadi.people.models import Agent, Company
from ahadi.tickets import targets
from ahadi.tickets.ending import ENDED, KEPT, LIFTED, STEP, WARNED
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import Kind, Said

# A warning is forgotten after so long.
LAPSES = timedelta(days=30)
REVIEWED_WITHIN = Term(2, Unit.WORKING_DAYS)


class NotPossible(ValueError):
    """The talk cannot be warned or ended now; the code says why."""

    @property
    def code(self) -> str:
        return str(self.args[0])


def standing(ticket: Ticket) -> Ending | None:
    """The warning or ending that holds for this ticket."""
    found = Ending.objects.filter(ticket=ticket, lifted=None)
    return found.select_related("warned_by", "ended_by", "reviewed_by").first()


def obstacle(ticket: Ticket) -> str:
    """Why this talk may not be warned or ended: complaint, solved, or ended already."""
    open_complaints = Complaint.objects.standing().filter(Q(pk=ticket.pk) | Q(about=ticket))
    if ticket.step_code == STEP:
        return "ended"
    if open_complaints.exists():
        return "complaint"
    return "solved" if ticket.is_solved else ""


def may_end(ending: Ending) -> bool:
    """The customer has written since the warning, and the warning is not too old."""
    said = Entry.objects.filter(ticket=ending.ticket_id, kind=Kind.MESSAGE, automatic=False)
    is_fresh = ending.warned > clock.now() - LAPSES
    return ending.state == "warned" and is_fresh and said.filter(seq__gt=ending.warned_at).exists()


@transaction.atomic
def warn(ticket: Ticket, reason: str, account: str, *, by: Agent) -> Ending:
    """Send the warning; a talk is never ended without one."""
    ticket.lock()
    if why := obstacle(ticket):
        raise NotPossible(why)
    Ending.objects.filter(ticket=ticket, lifted=None).update(lifted=clock.now())
    entry = _say(ticket, WARNED, warning(ticket, reason), by, {"reason": reason})
    return Ending.objects.create(
        ticket=ticket,
        reason=reason,
        account=account,
        warned=entry.at,
        warned_by=by,
        warned_at=entry.seq,
    )


@transaction.atomic
def conclude(ticket: Ticket, *, by: Agent) -> Ending:
    """End the talk: the letter goes out, and nothing more is put before agents until a lead has looked."""
    ticket.lock()
    if why := obstacle(ticket):
        raise NotPossible(why)
    ending = standing(ticket)
    if ending is None or not may_end(ending):
        raise NotPossible("unwarned")
    ending.ended, ending.ended_by = clock.now(), by
    ending.review_by = _review_by(ending.ended)
    data = {"reason": ending.reason, "review_by": ending.review_by.isoformat()}
    over = {"status": Ticket.Status.SOLVED, "solved": ending.ended, "due": None, "waiting_since": None}
    over |= {"step_code": STEP, "step_text": "", "snoozed_until": None, "snoozed_for": ""}
    _say(ticket, ENDED, farewell(ticket, ending), by, data, **over)
    ending.save()
    return ending


def reviewers(ending: Ending) -> QuerySet[Agent]:
    """Leads and administrators who had no part in it."""
    parts = [ending.warned_by_id, ending.ended_by_id]
    leads = Agent.objects.filter(is_active=True, role__in=(Agent.Role.LEAD, Agent.Role.ADMIN))
    return leads.exclude(pk__in=[pk for pk in parts if pk])


def to_review(agent: Agent) -> QuerySet[Ending]:
    """Ended talks that wait for a lead, the one that is due first at the top."""
    waiting = Ending.objects.filter(ended__isnull=False, reviewed=None, lifted=None)
    seen = waiting.filter(Ticket.objects.visible_to(agent).named_by("ticket")).exclude(ended_by=agent)
    found = seen.exclude(warned_by=agent).order_by("review_by", "pk")
    return found.select_related("ticket__requester", "ended_by")


@transaction.atomic
def review(ending: Ending, is_right: bool, finding: str, *, by: Agent) -> Ending:
    """A lead keeps the end or lifts it; raises PermissionDenied for whoever had a part in it."""
    ticket = ending.ticket
    ticket.lock()
    ending.refresh_from_db()
    if not reviewers(ending).filter(pk=by.pk).exists():
        raise PermissionDenied(_("A lead who had no part in it looks at it again."))
    if ending.state != "ended":
        raise NotPossible("reviewed")
    now = clock.now()
    ending.reviewed, ending.reviewed_by, ending.finding = now, by, finding
    if is_right:
        _say(ticket, KEPT, confirmation(ticket), by, {"reason": ending.reason})
    else:
        ending.lifted = now
        _say(ticket, LIFTED, apology(ticket), by, {"reason": ending.reason}, **_open(ticket, now))
    ending.save()
    return ending


def lapse() -> int:
    """Round: what no lead has looked at in time is lifted; returns how many talks go on."""
    due = Ending.objects.filter(reviewed=None, lifted=None, review_by__lt=clock.now())
    return sum(_lapse(key) for key in due.values_list("pk", flat=True))


@transaction.atomic
def _lapse(key: int) -> int:
    ticket = Ticket.objects.get(endings=key)
    ticket.lock()
    now = clock.now()
    if not Ending.objects.filter(pk=key, reviewed=None, lifted=None).update(lifted=now):
        return 0
    ticket.change(LIFTED, {}, None, **_open(ticket, now))
    return 1


def _review_by(ended: datetime) -> datetime:
    return end(REVIEWED_WITHIN, ended, Company.current().working_hours.calendar)


def _open(ticket: Ticket, now: datetime) -> dict[str, Any]:
    asked = ticket.entries.filter(kind=Kind.MESSAGE, automatic=False).order_by("-seq").first()
    return {
        "status": Ticket.Status.OPEN,
        "solved": None,
        "step_code": Ticket.Step.ANSWER,
        "due": targets.answer_due(ticket.team, now),
        "waiting_since": asked.at if asked else now,
    }


def _say(ticket: Ticket, code: str, text: str, by: Agent, data: dict[str, Any], **changes: Any) -> Entry:
    said = Said(
        kind=Kind.REPLY,
        code=code,
        text=text,
        by=by,
        channel=ticket.way_out,
        language=ticket.language,
        data=data,
    )
    return ticket.append(said, **changes)


def warning(ticket: Ticket, reason: str) -> str:
    """The letter that warns, in the customer's language."""
    with translation.override(ticket.language):
        return "\n\n".join(
            [
                _what_happened(reason),
                _("We want to solve your matter and go on with it. Please write to us without that."),
                _("If it happens again we end this talk. You could then still reach us by letter."),
                by_complaint(ticket),
            ]
        )


def farewell(ticket: Ticket, ending: Ending) -> str:
    """The letter that ends the talk, and says which ways stay open."""
    with translation.override(ticket.language):
        zone = ZoneInfo(ticket.requester.time_zone or Company.current().time_zone)
        time = dates.long_when(ending.review_by or _review_by(clock.now()), ticket.language, zone)
        looks = _(
            "A lead who had no part in it looks at this again by %(time)s and writes to you. If nobody does,"
            " the talk is open again."
        )
        return "\n\n".join(
            [
                _what_happened(ending.reason),
                _("It went on after our warning, so we have ended this talk."),
                looks % {"time": time},
                _("What you write here until then is kept, but nobody answers it."),
                by_letter(),
                by_complaint(ticket),
            ]
        )


def confirmation(ticket: Ticket) -> str:
    """The letter of a lead who finds the end right."""
    with translation.override(ticket.language):
        said = _("A lead who had no part in it has looked at it again: this talk stays ended.")
        return "\n\n".join([said, by_letter(), by_complaint(ticket)])


def apology(ticket: Ticket) -> str:
    """The letter of a lead who lets the talk go on."""
    with translation.override(ticket.language):
        return _("A lead who had no part in it has looked at it again: we go on with your request.")


def by_letter() -> str:
    """The way that never closes, in the language that is active."""
    address = Rules.current().letterhead.strip()
    if not address:
        return _("You can always write to us by letter.")
    return _("You can always write to us by letter:") + "\n" + address


def by_complaint(ticket: Ticket) -> str:
    """The door of formal complaints, in the language that is active."""
    door = f"{settings.AHADI_URL}{reverse('portal:complain')}?about={ticket.number}"
    return _("You can make a formal complaint to our management at any time:") + "\n" + door


def _what_happened(reason: str) -> str:
    return {
        Ending.Reason.INSULTS: _("Your latest messages insult the people who work here."),
        Ending.Reason.THREATS: _("Your latest messages threaten people."),
        Ending.Reason.HARASSMENT: _("Your latest messages harass people."),
        Ending.Reason.HATRED: _("Your latest messages speak of people with hatred."),
    }[Ending.Reason(reason)]

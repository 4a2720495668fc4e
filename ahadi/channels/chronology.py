"""The whole matter in order, for a mediator or a court: what was said, promised and broken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ahadi.channels import links
from ahadi.complaints.models import Complaint
from ahadi.lib import clock, pdf
from ahadi.people.models import Address, Company
from ahadi.promises.models import Promise
from ahadi.tickets import erased, sequencing
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.papers import Paper
from ahadi.tickets.said import PUBLIC

TEMPLATE = Path(__file__).parent / "print" / "chronology.typ"


class Event(NamedTuple):
    """One line: when, on which request, who, their words, and whether it went wrong."""

    at: datetime
    code: str
    who: str
    text: str
    files: Sequence[str] = ()
    is_bad: bool = False


def events(complaint: Complaint, guest: Address | None) -> list[Event]:
    """Everything both sides know of, in the language that is active; without a guest all that is public."""
    tickets = [ticket for ticket in (complaint.about, complaint.ticket) if ticket is not None]
    found = [event for ticket in tickets for event in _of_ticket(ticket, guest)]
    return sorted([*found, *_of_complaint(complaint)], key=attrgetter("at"))


def paper(complaint: Complaint, guest: Address | None, language: str) -> bytes:
    """The same as PDF, with the receipts of both requests inside."""
    with translation.override(language):
        sheet = Paper(complaint.ticket, language)
        number = pdf.ltr(complaint.number)
        return pdf.render(
            TEMPLATE,
            {
                "company": Company.current().name,
                "heading": _("What happened, in order"),
                "lead": _("Complaint %(number)s") % {"number": number},
                "events": [_drawn(event, sheet) for event in events(complaint, guest)],
                "proof": _("The receipts that these words were here at these times lie inside this PDF."),
                "foot": _("Printed %(moment)s") % {"moment": pdf.isolate(sheet.when(clock.now()))},
                "page_words": _("Page %(page)s of %(pages)s"),
            },
            title=_("Chronology of complaint %(number)s") % {"number": number},
            language=language,
            enclosed=list(_receipts(complaint, guest, language)),
            pictures={"verify.svg": pdf.qr(f"{settings.AHADI_URL}/verify/")},
        )


def _of_ticket(ticket: Ticket, guest: Address | None) -> Iterator[Event]:
    public = ticket.entries.filter(kind__in=PUBLIC).exclude(words__data__has_key="code_mail")
    shown = links.seen_by(ticket, guest) if guest is not None else public
    for entry in shown.select_related("words", "agent", "customer").prefetch_related("attachments"):
        if not entry.automatic:
            files = [f"{file.name} ({pdf.ltr(file.sha256)})" for file in entry.attachments.all()]
            text = erased.sentence(entry.words.data) or entry.words.shown_text
            yield Event(entry.at, ticket.number, _who(entry), text, files)
    for promise in Promise.objects.filter(ticket=ticket, broken__isnull=False):
        yield Event(
            promise.due, ticket.number, "", _("What was promised for now was not there."), is_bad=True
        )
    for event in ticket.entries.filter(kind=Entry.Kind.EVENT, code="solved"):
        yield Event(event.at, ticket.number, "", pgettext("step", "Solved"))


def _of_complaint(complaint: Complaint) -> Iterator[Event]:
    code = complaint.ticket.number
    said = _("The formal complaint is registered as %(number)s.") % {"number": pdf.ltr(complaint.number)}
    yield Event(complaint.registered, code, "", said)
    for deadline in complaint.deadlines.all():
        if deadline.is_binding and deadline.is_late:
            late = _("Not kept in time: %(stage)s") % {"stage": deadline.get_stage_display()}
            yield Event(deadline.due, code, "", late, is_bad=True)
    if complaint.decided is not None:
        outcome = _("Decided: %(outcome)s") % {"outcome": complaint.get_outcome_display()}
        yield Event(complaint.decided, code, "", outcome)


def _who(entry: Entry) -> str:
    if entry.agent is not None:
        return entry.agent.name
    return entry.customer.name if entry.customer and entry.customer.name else _("Customer")


def _drawn(event: Event, sheet: Paper) -> dict[str, object]:
    return {
        "at": sheet.parts_of(event.at),
        "code": event.code,
        "who": event.who,
        "text": event.text.strip(),
        "files": list(event.files),
        "is_bad": event.is_bad,
    }


def _receipts(complaint: Complaint, guest: Address | None, language: str) -> Iterator[pdf.Enclosed]:
    for ticket in (complaint.about, complaint.ticket):
        # A receipt holds all of a request: only for whom all of it is.
        if ticket is None or (guest is not None and guest.customer_id != ticket.requester_id):
            continue
        if proof := sequencing.receipt(ticket):
            yield Paper(ticket, language).proof(proof)

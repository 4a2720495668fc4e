"""What goes out when a formal complaint was taken in: one letter with the customer's copy."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from ahadi import outbox
from ahadi.channels import inboxes, notices
from ahadi.channels.email import letters, news, outbound
from ahadi.channels.email.letters import Letter
from ahadi.channels.reactions import can_mail
from ahadi.complaints import handling, papers
from ahadi.complaints import letters as formal
from ahadi.complaints.models import Complaint
from ahadi.complaints.profiles import Stage
from ahadi.people.models import Company
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import File, Said

CODE = "complaint_registered"


class Unsigned(outbox.NotNow):
    """The receipt that belongs into the copy cannot be signed yet."""


def inform(entry: Entry) -> None:
    """A complaint has its number: the copy is drawn and sent once the receipt can be signed."""
    if entry.kind == Entry.Kind.EVENT and entry.code == "complaint":
        outbox.put("channels.complaint", {"ticket_id": entry.ticket_id}, order_by=entry.ticket.number)


def alert(entry: Entry) -> None:
    """A last moment passed: everybody of management who may handle the complaint gets a mail."""
    if entry.kind != Entry.Kind.EVENT or entry.code != "complaint_late":
        return
    complaint = Complaint.objects.select_related("ticket__team").get(pk=entry.ticket_id)
    for agent in handling.eligible(complaint):
        with translation.override(agent.language or Company.current().language):
            letter = _alarm(complaint, str(Stage(entry.words.data["stage"]).label))
            written, inbox = letters.write(letter), inboxes.of(complaint.ticket)
            mail = outbound.machine_mail(letter.title, agent.email, written, inbox, kind="auto-generated")
        outbound.put(mail, "", [agent.email])


def _alarm(complaint: Complaint, stage: str) -> Letter:
    company = Company.current()
    page = settings.AHADI_URL + reverse("desk:complaint", args=[complaint.year, complaint.serial])
    return Letter(
        "notice",
        company.name,
        _("Complaint %(number)s is late") % {"number": letters.isolated(complaint.number)},
        opening=[_("This should have happened by now: %(stage)s") % {"stage": letters.apart(stage)}],
        label=_("Open the complaint"),
        step=page,
        closing=[_("The customer sees that the time has passed, and where else to turn.")],
    )


def acknowledge(ticket_id: int) -> None:
    """Draw the copies, on which the receipt stands, and confirm the complaint; done twice it is done once."""
    complaint = Complaint.objects.select_related("ticket__address", "ticket__requester", "handler").get(
        pk=ticket_id
    )
    content = papers.draw(complaint)
    if content is None:
        raise Unsigned(complaint.number)
    ticket = complaint.ticket
    if ticket.entries.filter(code=CODE).exists():
        return
    if _write(complaint, content):
        handling.acknowledge(complaint)


def _write(complaint: Complaint, content: bytes) -> Entry | None:
    ticket = complaint.ticket
    # To an address that is only claimed no word of the sender goes.
    is_proven = ticket.address is not None and ticket.address.proven is not None
    letter = formal.confirmation(complaint, handling.decision_due(complaint), is_proven=is_proven)
    files = [letter, _copy(complaint, content)] if is_proven else [letter]
    with translation.override(ticket.language):
        data = {**_facts(complaint), "has_copy": is_proven}
    if ticket.address is None or not can_mail(ticket.address):
        # No mail reaches the customer: it waits on the page of the request.
        return _keep(ticket, data, letter)
    return notices.say(ticket, CODE, lambda: news.letter(ticket, CODE, data), data, files=files)


def _keep(ticket: Ticket, data: dict[str, Any], letter: File) -> Entry:
    with translation.override(ticket.language):
        text = letters.text_of(news.letter(ticket, CODE, {**data, "has_copy": False}))
    said = Said(
        kind=Entry.Kind.REPLY,
        code=CODE,
        text=text,
        automatic=True,
        channel=ticket.channel,
        language=ticket.language,
        data=data,
        files=[letter],
    )
    return ticket.append(said)


def _copy(complaint: Complaint, content: bytes) -> File:
    return File(f"{complaint.number.replace('/', '-')}.pdf", "application/pdf", content)


def _facts(complaint: Complaint) -> dict[str, str]:
    decision = complaint.deadlines.get(stage=Stage.DECISION)
    return {
        "number": complaint.number,
        "registered": complaint.registered.isoformat(),
        "due": decision.due.isoformat(),
        "source": str(complaint.law.source),
        "handler": complaint.handler.name if complaint.handler else "",
        "elsewhere": str(complaint.elsewhere),
    }

"""Asking somebody outside: they read what an agent chose, see no ticket, and their answer comes home.

The mail carries no tracking code and no link. Its answer address is random and belongs to one question;
whatever comes there waits on the ticket for an agent's yes and is never shown to the customer by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from email.message import Message

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from ahadi.channels import inboxes
from ahadi.channels.email import letters, outbound
from ahadi.channels.models import Forward
from ahadi.lib import clock
from ahadi.people import identify
from ahadi.people.models import Address, Agent
from ahadi.tickets.models import Attachment, Entry, Ticket
from ahadi.tickets.said import PUBLIC

# More in a day is a mailing, and not a question.
MOST = 20


class NotPossible(ValueError):
    """This cannot be forwarded; the code says why: address, inside, many, or nothing."""


@transaction.atomic
def forward(
    ticket: Ticket, value: str, seqs: Sequence[int], text: str, *, by: Agent, files: Sequence[int] = ()
) -> Forward:
    """Send the agent's words and the chosen ones of the ticket, words and files, to somebody outside."""
    ticket.lock()
    address = _outside(ticket, value)
    # What a machine wrote names the tracking code; what carries a code of somebody else is for nobody.
    said = ticket.entries.filter(seq__in=seqs, kind__in=PUBLIC, automatic=False)
    said = said.exclude(words__data__has_key="code_mail")
    chosen = list(said.select_related("words", "agent", "customer").order_by("seq"))
    if not text.strip():
        raise NotPossible("nothing")
    made = Forward.objects.create(ticket=ticket, address=address, made_by=by)
    data = {"address": address.shown, "entries": [entry.seq for entry in chosen], "text": text}
    sent = list(showable_files(ticket).filter(pk__in=files))
    ticket.change("forwarded", data | {"files": [file.name for file in sent]}, by)
    _send(made, chosen, text, sent)
    return made


def showable_files(ticket: Ticket) -> QuerySet[Attachment]:
    """The files of what was said in public by people, which may be chosen for somebody outside."""
    said = Attachment.objects.filter(entry__ticket=ticket, entry__kind__in=PUBLIC, entry__automatic=False)
    said = said.exclude(entry__words__data__has_key="code_mail")
    return said.exclude(is_inline=True).order_by("-pk")


def of(ticket: Ticket) -> list[Forward]:
    """Who was asked, the newest first."""
    asked = Forward.objects.filter(ticket=ticket).select_related("address", "made_by")
    return list(asked.order_by("-pk")[:MOST])


def _outside(ticket: Ticket, value: str) -> Address:
    try:
        address = identify.find_or_create(Address.Kind.EMAIL, value)
    except identify.Unreadable as error:
        raise NotPossible("address") from error
    is_agent = Agent.objects.filter(email__iexact=address.value, is_active=True).exists()
    if is_agent or inboxes.is_ours(address.value) or address.customer_id == ticket.requester_id:
        raise NotPossible("inside")
    today = clock.now() - timedelta(days=1)
    if Forward.objects.filter(ticket=ticket, made__gt=today).count() >= MOST:
        raise NotPossible("many")
    return address


def _send(made: Forward, chosen: Sequence[Entry], text: str, files: Sequence[Attachment]) -> None:
    ticket, inbox = made.ticket, inboxes.of(made.ticket)
    back = made.way_back(inbox.address)
    with translation.override(made.address.customer.language or ticket.language):
        letter = letters.Letter("letter", inbox.name, _("A question of %(name)s") % {"name": inbox.name})
        letter.opening = [line for line in text.splitlines() if line.strip()]
        letter.closing = [_quoted(entry) for entry in chosen]
        goes_to = {"name": made.made_by.first_name}
        letter.closing.append(_("Answer this mail; your answer goes to %(name)s.") % goes_to)
        written = letters.write(letter)
        mail = outbound.machine_mail(letter.title, made.address.shown, written, inbox, kind="", files=files)
    _by_a_person(mail)
    mail["Reply-To"] = back
    outbound.put(mail, back, [made.address.value])


def _quoted(entry: Entry) -> str:
    # The name of a customer is theirs to give; what they are asked about is not.
    who = entry.agent.first_name if entry.agent else _("Our customer")
    return f"{who}: {entry.words.shown_text}"


def _by_a_person(mail: Message) -> None:
    for name in ("Auto-Submitted", "X-Auto-Response-Suppress"):
        del mail[name]

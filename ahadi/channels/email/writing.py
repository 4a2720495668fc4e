"""Agents who write by mail: to an address that only they were given, and with proof that it is them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Lower
from django.utils import translation
from django.utils.translation import gettext as _

from ahadi.channels import inboxes
from ahadi.channels.email import Mail, letters, new_text, outbound, signature
from ahadi.channels.email.threading import Place
from ahadi.lib import piece
from ahadi.lib.question import Question
from ahadi.people.models import Agent
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import File

# One notice about one ticket in a day: whoever forges mails must not fill a colleague's mailbox.
NOTICE_EVERY = timedelta(days=1)

_EMAILS = Question(lambda: Agent.objects.filter(is_active=True).order_by("pk").values_list("email"))
_AGENT = Question(lambda email: Agent.objects.alias(lower=Lower("email")).filter(lower=email, is_active=True))


def find(email: str) -> Agent | None:
    """The agent whose address this is."""
    if email.lower() not in piece.once(_EMAILS, _emails):
        return None
    found: list[Agent] = _AGENT.objects(email.lower())
    return found[0] if found else None


def _emails() -> set[str]:
    return {email.lower() for (email,) in _EMAILS.rows()}


def may_speak(agent: Agent, place: Place, mail: Mail) -> bool:
    """They see the ticket, and there are words to say."""
    if place.ticket is None or not new_text(mail.text).strip():
        return False
    return Ticket.objects.visible_to(agent).filter(pk=place.ticket.pk).exists()


def speak(agent: Agent, place: Place, mail: Mail, files: list[File]) -> Entry:
    """The agent's words as an answer or as a note, whichever address they wrote to."""
    if place.ticket is None:
        raise ValueError("An agent speaks on a ticket.")
    text = new_text(mail.text).strip()
    if place.code == "agent_note":
        return place.ticket.note(text, by=agent, files=files)
    return place.ticket.reply(text, by=agent, files=files)


def tell(agent: Agent, ticket: Ticket, held: Entry) -> None:
    """Tell an agent that a mail in their name waits, and how they can really write by mail."""
    if not Ticket.objects.visible_to(agent).filter(pk=ticket.pk).exists() or _was_told(ticket, held):
        return
    inbox = inboxes.of(ticket)
    with translation.override(agent.language):
        letter = letters.Letter("letter", inbox.name, _("A mail in your name is held back"))
        letter.opening = [_("Hello %(name)s,") % {"name": agent.first_name}, _about()]
        link = f"{settings.AHADI_URL}/desk/open/{ticket.number}/#e{held.seq}"
        code = letters.isolated(ticket.number)
        note = signature.agent_address(ticket.number, inbox.address, agent.pk, "note")
        letter.closing = [
            _("Ticket %(code)s: %(link)s") % {"code": code, "link": link},
            _("Answer this mail, and what you write goes to the customer."),
            _("To write only for your colleagues, write to %(address)s.")
            % {"address": letters.isolated(note)},
            _("Both work only from your own address and when your mail server vouches for it."),
        ]
        mail = outbound.machine_mail(
            letter.title, agent.email, letters.write(letter), inbox, kind="auto-generated"
        )
    mail["Reply-To"] = signature.agent_address(ticket.number, inbox.address, agent.pk, "reply")
    outbound.put(mail, "", [agent.email])


def _about() -> str:
    return _(
        "a mail that names you as its sender reached a ticket. Nothing proves that it is from you,"
        " so it is held back and the customer has not seen it. If it was you, release it at the desk."
    )


def _was_told(ticket: Ticket, held: Entry) -> bool:
    earlier = Entry.objects.filter(ticket=ticket, code="held", address=held.address, seq__lt=held.seq)
    return earlier.filter(at__gt=held.at - NOTICE_EVERY).exists()

"""Letters to look at before anybody gets one: made up, never stored, never sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _
from markupsafe import Markup

from ahadi.channels import inboxes
from ahadi.channels.email import letters
from ahadi.channels.email.letters import Letter, Written
from ahadi.channels.handouts import Handout, until
from ahadi.lib import clock
from ahadi.lib.html import text_to_html
from ahadi.people.models import Agent, Customer, Team
from ahadi.tickets.models import Ticket

NUMBER = "K7QF-9T2M-XR4D"


def write(kind: str, language: str, due: datetime) -> Written:
    """A sample of one kind in one language."""
    with translation.override(language):
        return letters.write(KINDS[kind](_ticket(language, due)))


def _acknowledgement(ticket: Ticket) -> Letter:
    letter = letters.acknowledgement(ticket, ticket.due, link="#")
    letter.quote = _("The grinder stops after two seconds. The serial number is AB-1234.")
    letter.quote_html = Markup(text_to_html(letter.quote))  # noqa: S704 - it escapes every character
    return letter


def _answer(ticket: Ticket) -> Letter:
    letter = letters.blank("reply", ticket)
    letter.title, letter.link = ticket.subject, "#"
    letter.body = _("We have found the cause. Please send us the grinder; the label is attached (AB-1234).")
    letter.body_html = Markup(text_to_html(letter.body))  # noqa: S704 - it escapes every character
    letter.label = _("You hear from us again by")
    letter.time = letters.when(ticket, ticket.due or clock.now())
    letter.step = ticket.step_text
    letter.closing = [_("To answer, just answer this mail.")]
    letter.handouts = [Handout("manual.pdf", 14_000_000, "#")]
    letter.handouts_until = letters.day_of(ticket, until())
    return letter


def _ticket(language: str, due: datetime) -> Ticket:
    return Ticket(
        pk=0,
        number=NUMBER,
        subject=_("The grinder stops after two seconds"),
        requester=Customer(name="Anna Kern", language=language),
        channel="email",
        language=language,
        team=Team.objects.order_by("pk").first() or Team(name=inboxes.unnamed().name),
        assignee=Agent(name="Mara Lind"),
        step_text=_("Call the workshop"),
        due=due,
    )


KINDS: dict[str, Callable[[Ticket], Letter]] = {"acknowledgement": _acknowledgement, "answer": _answer}

"""Placeholders in prepared words: `{{customer.first_name|there}}`, with a fallback after the bar."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ahadi.calendars import dates
from ahadi.lib import clock
from ahadi.people.models import Agent, Company
from ahadi.tickets.models import Ticket

# Words between two braces on each side; after a bar what is written where they mean nothing.
_PLACEHOLDER = re.compile(r"\{\{\s*([a-z_.]+)\s*(?:\|([^{}|\n]*))?\}\}", re.IGNORECASE)


@dataclass(frozen=True)
class About:
    """What prepared words are filled from."""

    ticket: Ticket
    agent: Agent
    company: Company

    @property
    def language(self) -> str:
        """The customer's, in which dates are written."""
        return self.ticket.language

    @property
    def customer(self) -> str:
        """The name of the person who asks, where it is known."""
        return self.ticket.requester.name.strip()


@dataclass(frozen=True)
class Placeholder:
    """One thing that prepared words may ask for."""

    name: str
    meaning: str | Promise
    read: Callable[[About], str]


def _due(about: About) -> str:
    due = about.ticket.due
    zone = about.company.time_zone
    return str(dates.long_when(due, about.language, zone)) if due else ""


def _today(about: About) -> str:
    return dates.long_day(clock.now(), about.language, about.company.time_zone)


PLACEHOLDERS = {
    known.name: known
    for known in (
        Placeholder("customer.name", _("name of the customer"), lambda about: about.customer),
        Placeholder(
            "customer.first_name",
            _("first name of the customer"),
            lambda about: about.customer.split(" ")[0],
        ),
        Placeholder("agent.name", _("your name"), lambda about: about.agent.name),
        Placeholder("agent.first_name", _("your first name"), lambda about: about.agent.first_name),
        Placeholder("team.name", _("name of the team"), lambda about: about.ticket.team.name),
        Placeholder("company.name", _("name of the company"), lambda about: about.company.name),
        Placeholder("request.code", _("tracking code"), lambda about: about.ticket.number),
        Placeholder("request.subject", _("subject"), lambda about: about.ticket.subject),
        Placeholder("promise.step", _("next step that was promised"), lambda about: about.ticket.step_text),
        Placeholder("promise.due", _("when it was promised"), _due),
        Placeholder("today", _("today's date"), _today),
    )
}


def fill(text: str, about: About) -> str:
    """The words with everything that is known; what is not known and has no fallback stays as it is."""

    def put(found: re.Match[str]) -> str:
        known = PLACEHOLDERS.get(found[1].lower())
        value = known.read(about) if known else ""
        # Names come from strangers: they must not look like a placeholder themselves.
        value = value.replace("{{", "").replace("}}", "")
        return value or (found[2].strip() if found[2] else found[0])

    return _PLACEHOLDER.sub(put, text)


def unresolved(text: str) -> list[str]:
    """The placeholders that nobody has filled in, each once, as they are written."""
    return list(dict.fromkeys(found[0] for found in _PLACEHOLDER.finditer(text)))


def unknown(text: str) -> list[str]:
    """Placeholders that mean nothing here, each once."""
    names = (found[1] for found in _PLACEHOLDER.finditer(text))
    return list(dict.fromkeys(name for name in names if name.lower() not in PLACEHOLDERS))

"""Where every channel delivers: an inbound message becomes an entry of a ticket, whatever happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from ahadi.lib import languages
from ahadi.people.models import Address, Company, Team
from ahadi.tickets import preferred
from ahadi.tickets.models import Entry, Statement, Ticket
from ahadi.tickets.said import File, Said
from ahadi.tickets.thanks import is_only_thanks


@dataclass(frozen=True)
class Inbound:
    """A message from outside, understood by its channel and not yet part of a ticket."""

    channel: str
    address: Address
    text: str
    subject: str = ""
    new_text: str = ""
    html: str = ""
    language: str = ""
    # Somebody said so, and not only a browser: the text is not asked.
    is_language_certain: bool = False
    at: datetime | None = None
    files: Sequence[File] = ()
    statement: Mapping[str, str] = field(default_factory=dict)
    automatic: bool = False
    # The ticket that the channel's evidence points to, and whether its words wait for an agent's yes.
    ticket: Ticket | None = None
    held: str = ""
    team: Team | None = None
    # A ticket solved long ago, which a new one goes on from.
    follows: Ticket | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Received:
    """What became of an inbound message."""

    entry: Entry
    is_new: bool

    @property
    def ticket(self) -> Ticket:
        return self.entry.ticket


@transaction.atomic(savepoint=False)
def receive(inbound: Inbound) -> Received:
    """Append to the ticket the evidence names, else open a new one with its promise."""
    if inbound.ticket is not None and inbound.held:
        return Received(inbound.ticket.living.append(_hold(inbound)), is_new=False)
    if inbound.ticket is not None and _is_thanks(inbound.ticket, inbound):
        return Received(inbound.ticket.append(_say(inbound, inbound.ticket.language)), is_new=False)
    if inbound.ticket is not None:
        return Received(inbound.ticket.receive(_say(inbound, inbound.ticket.language)), is_new=False)
    return Received(_open(inbound), is_new=True)


def language_of(inbound: Inbound) -> str:
    """The language of the text; else what the channel knows; else the person's; else the company's."""
    among = [code for code, _name in settings.LANGUAGES]
    if inbound.is_language_certain and inbound.language in among:
        return inbound.language
    code, is_sure = languages.detect(inbound.new_text or inbound.text or inbound.subject, among)
    known = inbound.language or inbound.address.customer.language or Company.current().language
    return code if is_sure else known if known in among else code


def _is_thanks(ticket: Ticket, inbound: Inbound) -> bool:
    """Thanks for a solution leave it solved; with a file they may be more."""
    is_kind = ticket.is_solved and ticket.merged_into_id is None and not inbound.files
    return is_kind and is_only_thanks(inbound.new_text or inbound.text)


def _open(inbound: Inbound) -> Entry:
    written, requester = language_of(inbound), inbound.address.customer
    entry = Ticket.begin(
        _say(inbound, written),
        subject=inbound.subject.strip() or _first_words(inbound.new_text or inbound.text),
        requester=requester,
        address=preferred.address(inbound.address, requester),
        language=preferred.language(requester, written),
        team=inbound.team or Team.first(),
        follows=inbound.follows,
    )
    if any(inbound.statement.values()):
        Statement.objects.create(ticket=entry.ticket, **inbound.statement)
    return entry


def _say(inbound: Inbound, language: str) -> Said:
    return Said(
        kind=Entry.Kind.MESSAGE,
        text=inbound.text,
        new_text=inbound.new_text,
        html=inbound.html,
        by=inbound.address.customer,
        address=inbound.address,
        channel=inbound.channel,
        language=language,
        automatic=inbound.automatic,
        at=inbound.at,
        files=inbound.files,
        data={**inbound.data, **({"statement": dict(inbound.statement)} if inbound.statement else {})},
    )


def _hold(inbound: Inbound) -> Said:
    # A note, not a message: what nobody has proven must not reach the customer's page or mail.
    return Said(
        kind=Entry.Kind.NOTE,
        code="held",
        text=inbound.text,
        new_text=inbound.new_text,
        html=inbound.html,
        by=inbound.address.customer,
        address=inbound.address,
        channel=inbound.channel,
        automatic=inbound.automatic,
        at=inbound.at,
        files=inbound.files,
        data={**inbound.data, "held": inbound.held},
    )


def _first_words(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= 80 else line[:79].rstrip() + "…"

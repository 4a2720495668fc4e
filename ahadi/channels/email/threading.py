"""Which ticket a mail belongs to, and whether its sender may add to it: two tables, read from the top.

The first kind of evidence that leads to a ticket counts. What it is worth depends on who wrote: words that
nobody has proven wait on the ticket for an agent's yes, and are never lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from ahadi.channels.email import Mail, signature
from ahadi.channels.links import addresses_of
from ahadi.channels.models import RawMessage
from ahadi.people.models import Address, Agent
from ahadi.tickets.models import Ticket
from ahadi.tickets.number import read_number

# A mail of a long talk names hundreds of others; the newest are the ones that tell.
MAX_IDS = 30


class Strength(StrEnum):
    """How hard the evidence is to make up."""

    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"


class Writer(StrEnum):
    """Who the sender is to the ticket."""

    PARTICIPANT = "participant"
    AGENT = "agent"
    STRANGER = "stranger"


class Decision(StrEnum):
    """What happens to the mail."""

    APPEND = "append"
    HOLD = "hold"
    NEW = "new"


class Evidence(NamedTuple):
    """One kind of evidence: its name, its strength, and what it finds."""

    code: str
    strength: Strength
    find: Callable[[Mail, RawMessage], Iterator[tuple[Ticket, str]]]


def _by_token(mail: Mail, raw: RawMessage) -> Iterator[tuple[Ticket, str]]:
    for address in recipients(mail, raw):
        yield from _tickets(signature.read_reply_address(address), address)


def _by_our_id(mail: Mail, raw: RawMessage) -> Iterator[tuple[Ticket, str]]:
    for text in _answered(mail):
        signed = signature.read_message_id(text)
        yield from _tickets(signed and signed.number, text)


def _by_their_id(mail: Mail, raw: RawMessage) -> Iterator[tuple[Ticket, str]]:
    answered = _answered(mail)
    if not answered:
        return
    known = RawMessage.objects.filter(message_id__in=answered, entry__isnull=False).exclude(pk=raw.pk)
    found = {row.message_id: row for row in known.select_related("entry__ticket").order_by("-pk")}
    for text in answered:
        if (row := found.get(text)) and row.entry is not None:
            yield row.entry.ticket, text


def _by_subject(mail: Mail, raw: RawMessage) -> Iterator[tuple[Ticket, str]]:
    for found in _CODE.findall(_INVISIBLE.sub("", mail.subject)):
        yield from _tickets(read_number(found), found)


EVIDENCE = (
    Evidence("token", Strength.STRONG, _by_token),
    Evidence("our_id", Strength.STRONG, _by_our_id),
    Evidence("their_id", Strength.MEDIUM, _by_their_id),
    Evidence("subject", Strength.WEAK, _by_subject),
)

DECISIONS = {
    (Writer.PARTICIPANT, Strength.STRONG): Decision.APPEND,
    (Writer.PARTICIPANT, Strength.MEDIUM): Decision.APPEND,
    (Writer.PARTICIPANT, Strength.WEAK): Decision.APPEND,
    (Writer.AGENT, Strength.STRONG): Decision.HOLD,
    (Writer.AGENT, Strength.MEDIUM): Decision.HOLD,
    (Writer.AGENT, Strength.WEAK): Decision.HOLD,
    (Writer.STRANGER, Strength.STRONG): Decision.HOLD,
    (Writer.STRANGER, Strength.MEDIUM): Decision.NEW,
    (Writer.STRANGER, Strength.WEAK): Decision.NEW,
}

_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}(?![0-9A-Za-z])")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True)
class Place:
    """Where a mail belongs, and everything that was weighed."""

    decision: Decision
    ticket: Ticket | None = None
    code: str = ""
    strength: Strength | None = None
    writer: Writer = Writer.STRANGER
    detail: str = ""

    @property
    def is_proof(self) -> bool:
        """Only somebody who reads mail at the address of the ticket could write this."""
        return self.decision == Decision.APPEND and self.strength == Strength.STRONG

    @property
    def evidence(self) -> dict[str, Any]:
        """The same as data, kept with the message so that anybody can see why it is here."""
        if self.ticket is None:
            return {"decision": str(self.decision)}
        return {
            "decision": str(self.decision),
            "by": self.code,
            "strength": str(self.strength),
            "writer": str(self.writer),
            "detail": self.detail[:250],
            "ticket": self.ticket.number,
            # Results of other servers' checks are not believed; see RFC 8601, section 5.
            "authentication": "none",
        }


def place(mail: Mail, raw: RawMessage, address: Address) -> Place:
    """The ticket a mail belongs to, if any, and what its sender may do there."""
    for evidence in EVIDENCE:
        for ticket, detail in evidence.find(mail, raw):
            writer = writer_of(ticket, address)
            decision = DECISIONS[writer, evidence.strength]
            return Place(decision, ticket, evidence.code, evidence.strength, writer, detail)
    return Place(Decision.NEW)


def writer_of(ticket: Ticket, address: Address) -> Writer:
    """Who this address is to this ticket."""
    if address.customer_id == ticket.requester_id or addresses_of(ticket).filter(pk=address.pk).exists():
        return Writer.PARTICIPANT
    if Agent.objects.filter(email__iexact=address.value, is_active=True).exists():
        return Writer.AGENT
    return Writer.STRANGER


def recipients(mail: Mail, raw: RawMessage) -> list[str]:
    """Every address the mail was for: of the envelope first, then of the headers."""
    named = ("delivered-to", "x-original-to", "envelope-to", "x-forwarded-to")
    found = [*raw.recipients, *(value for name in named for value in mail.headers.get(name, ()))]
    return list(dict.fromkeys([*found, *(box.email for box in [*mail.to, *mail.cc])]))


def _answered(mail: Mail) -> list[str]:
    newest_first = [*mail.in_reply_to, *reversed(mail.references)]
    return list(dict.fromkeys(newest_first))[:MAX_IDS]


def _tickets(number: str | None, detail: str) -> Iterable[tuple[Ticket, str]]:
    ticket = Ticket.objects.filter(number=number).first() if number else None
    return [(ticket, detail)] if ticket is not None else []

"""What in a mail points to a ticket: a table, read from the top."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from ahadi.channels.email import Mail, answers, signature, trackers
from ahadi.channels.models import Delivery, Forward, RawMessage
from ahadi.lib.question import Question, filled
from ahadi.people.models import Agent
from ahadi.tickets.models import Ticket
from ahadi.tickets.number import read_number

# A mail of a long talk names hundreds of others; the newest are the ones that tell.
MOST_IDS, FEW_IDS = 30, 4
# A mail that points to more tickets than these points nowhere.
MOST_LEADS = 8


# An answer of somebody outside who was asked: it waits for an agent's yes, whoever wrote it.
OUTSIDE = "outside"


class Strength(StrEnum):
    """How hard the evidence is to make up; what is bound was given to one agent and to nobody else."""

    BOUND = "bound"
    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"


class Lead(NamedTuple):
    """A ticket that a mail points to, by which kind of evidence, and where in the mail it stands."""

    ticket: Ticket
    code: str
    strength: Strength
    detail: str


class Evidence(NamedTuple):
    """One kind of evidence: its name, its strength, and what it finds."""

    code: str
    strength: Strength
    find: Callable[[Mail, RawMessage, Agent | None], Iterator[tuple[Ticket, str]]]


def leads(mail: Mail, raw: RawMessage, agent: Agent | None = None) -> list[Lead]:
    """Everything that points to a ticket, the most telling first; `agent` is ours in whose name it came."""
    found: list[Lead] = []
    for evidence in EVIDENCE:
        for ticket, detail in evidence.find(mail, raw, agent):
            found.append(Lead(ticket, evidence.code, evidence.strength, detail))
            if len(found) >= MOST_LEADS:
                return found
    return found


def _by_agent_address(kind: str) -> Callable[[Mail, RawMessage, Agent | None], Iterator[tuple[Ticket, str]]]:
    def find(mail: Mail, raw: RawMessage, agent: Agent | None) -> Iterator[tuple[Ticket, str]]:
        if agent is None:
            return
        for address in recipients(mail, raw):
            yield from _tickets(signature.read_agent_address(address, agent.pk, kind), address)

    return find


def _by_question(mail: Mail, raw: RawMessage, agent: Agent | None) -> Iterator[tuple[Ticket, str]]:
    for address in recipients(mail, raw):
        if question := Forward.answered(address):
            yield question.ticket, address


def _by_token(mail: Mail, raw: RawMessage, agent: Agent | None) -> Iterator[tuple[Ticket, str]]:
    for address in recipients(mail, raw):
        yield from _tickets(signature.read_reply_address(address), address)
        # Machines that are away answer the envelope, which names one delivery.
        if key := signature.read_return_address(address):
            sent = Delivery.objects.select_related("entry__ticket").filter(pk=key)
            yield from ((delivery.entry.ticket, address) for delivery in sent)


def _by_our_id(mail: Mail, raw: RawMessage, agent: Agent | None) -> Iterator[tuple[Ticket, str]]:
    for text in answered(mail):
        signed = signature.read_message_id(text)
        yield from _tickets(signed and signed.number, text)


def _by_their_id(mail: Mail, raw: RawMessage, agent: Agent | None) -> Iterator[tuple[Ticket, str]]:
    named = answered(mail)
    if not named:
        return
    size = FEW_IDS if len(named) <= FEW_IDS else MOST_IDS
    known = _named(size).objects(raw.pk, *filled(named, size))
    found = {row.message_id: row for row in known}
    for text in named:
        if (row := found.get(text)) and row.entry is not None:
            yield row.entry.ticket, text


@cache
def _named(size: int) -> Question:
    return Question(
        lambda pk, *ids: (
            RawMessage.objects.filter(message_id__in=ids, entry__isnull=False)
            .exclude(pk=pk)
            .select_related("entry__ticket")
            .order_by("-pk")
        ),
        gaps=1 + size,
    )


def _by_marker(mail: Mail, raw: RawMessage, agent: Agent | None) -> Iterator[tuple[Ticket, str]]:
    for signed in dict.fromkeys([*signature.read_markers(mail.text), *signature.read_markers(mail.html)]):
        yield from _tickets(signed.number, f"{signed.number}/{signed.seq}")


def _by_tracker(mail: Mail, raw: RawMessage, agent: Agent | None) -> Iterator[tuple[Ticket, str]]:
    yield from trackers.find(mail, raw)


def _by_answer(mail: Mail, raw: RawMessage, agent: Agent | None) -> Iterator[tuple[Ticket, str]]:
    yield from answers.answered(mail, raw)


def _by_subject(mail: Mail, raw: RawMessage, agent: Agent | None) -> Iterator[tuple[Ticket, str]]:
    for found in _CODE.findall(_INVISIBLE.sub("", mail.subject)):
        yield from _tickets(read_number(found), found)


EVIDENCE = (
    Evidence(OUTSIDE, Strength.BOUND, _by_question),
    Evidence("agent_reply", Strength.BOUND, _by_agent_address("reply")),
    Evidence("agent_note", Strength.BOUND, _by_agent_address("note")),
    Evidence("token", Strength.STRONG, _by_token),
    Evidence("our_id", Strength.STRONG, _by_our_id),
    Evidence("their_id", Strength.MEDIUM, _by_their_id),
    Evidence("marker", Strength.MEDIUM, _by_marker),
    Evidence("tracker", Strength.MEDIUM, _by_tracker),
    Evidence("subject", Strength.WEAK, _by_subject),
    Evidence("last_said", Strength.MEDIUM, _by_answer),
)

_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}(?![0-9A-Za-z])")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def recipients(mail: Mail, raw: RawMessage) -> list[str]:
    """Every address the mail was for: of the envelope first, then of the headers."""
    named = ("delivered-to", "x-original-to", "envelope-to", "x-forwarded-to")
    found = [*raw.recipients, *(value for name in named for value in mail.headers.get(name, ()))]
    return list(dict.fromkeys([*found, *(box.email for box in [*mail.to, *mail.cc])]))


def answered(mail: Mail) -> list[str]:
    """The ids of the mails that this one answers, the nearest first."""
    newest_first = [*mail.in_reply_to, *reversed(mail.references)]
    return list(dict.fromkeys(newest_first))[:MOST_IDS]


def _tickets(number: str | None, detail: str) -> list[tuple[Ticket, str]]:
    ticket = Ticket.objects.filter(number=number).first() if number else None
    return [(ticket, detail)] if ticket is not None else []

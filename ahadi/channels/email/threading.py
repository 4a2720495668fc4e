"""Which ticket a mail belongs to, and whether its sender may add to it: by who wrote and what is proven.

The first lead that allows something counts. Words that nobody has proven wait on the ticket for an agent's
yes, and are never lost; whoever merely knows a code begins a ticket of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from ahadi.channels.email.authentication import Checked, Verdict
from ahadi.channels.email.evidence import OUTSIDE, Lead, Strength, recipients
from ahadi.channels.links import addresses_of
from ahadi.lib import clock
from ahadi.people.models import Address, Agent
from ahadi.tickets.models import Ticket

__all__ = ["Decision", "Place", "Writer", "place", "recipients", "writer_of"]

# What was solved longer ago is another matter: it begins anew and names the old one.
REOPENS = timedelta(days=30)


class Writer(StrEnum):
    """Who the sender says they are to the ticket."""

    PARTICIPANT = "participant"
    STRANGER = "stranger"
    AGENT = "agent"


class Decision(StrEnum):
    """What happens to the mail."""

    APPEND = "append"
    HOLD = "hold"
    NEW = "new"
    # An agent answers, or adds a note, by mail.
    SPEAK = "speak"


APPEND, HOLD, NEW, SPEAK = Decision


def _row(bound: Decision, strong: Decision, medium: Decision, weak: Decision) -> dict[Strength, Decision]:
    return dict(zip(Strength, (bound, strong, medium, weak), strict=True))


# Rule E-30. A code in the subject is weak: it needs somebody of the ticket, and proof that it is them.
DECISIONS = {
    (Writer.PARTICIPANT, Verdict.PASS): _row(HOLD, APPEND, APPEND, APPEND),
    (Writer.PARTICIPANT, Verdict.NONE): _row(HOLD, APPEND, APPEND, NEW),
    (Writer.PARTICIPANT, Verdict.FAIL): _row(HOLD, HOLD, HOLD, HOLD),
    (Writer.STRANGER, Verdict.PASS): _row(HOLD, HOLD, NEW, NEW),
    (Writer.STRANGER, Verdict.NONE): _row(HOLD, HOLD, NEW, NEW),
    (Writer.STRANGER, Verdict.FAIL): _row(HOLD, HOLD, NEW, NEW),
    (Writer.AGENT, Verdict.PASS): _row(SPEAK, HOLD, HOLD, HOLD),
    (Writer.AGENT, Verdict.NONE): _row(HOLD, HOLD, HOLD, HOLD),
    (Writer.AGENT, Verdict.FAIL): _row(HOLD, HOLD, HOLD, HOLD),
}


@dataclass(frozen=True)
class Place:
    """Where a mail belongs, and everything that was weighed."""

    decision: Decision
    ticket: Ticket | None = None
    code: str = ""
    strength: Strength | None = None
    writer: Writer = Writer.STRANGER
    detail: str = ""
    verdict: Verdict = Verdict.NONE
    # The code that the mail named, where that ticket goes on in another one.
    merged: str = ""
    # A ticket solved long ago that the new one goes on from.
    follows: Ticket | None = None

    @property
    def is_proof(self) -> bool:
        """Only somebody who reads mail at the address of the ticket could write this."""
        return self.decision == Decision.APPEND and self.strength == Strength.STRONG

    @property
    def held_for(self) -> str:
        """Why the words wait, as a code; empty where they do not."""
        if self.decision != Decision.HOLD:
            return ""
        if self.code == OUTSIDE:
            return OUTSIDE
        return "failed" if self.writer == Writer.PARTICIPANT else str(self.writer)

    @property
    def evidence(self) -> dict[str, Any]:
        """The same as data, kept with the message so that anybody can see why it is here."""
        checked = {} if self.verdict == Verdict.NONE else {"authentication": str(self.verdict)}
        if self.ticket is None:
            return {"decision": str(self.decision), **checked}
        return {
            "decision": str(self.decision),
            "by": self.code,
            "strength": str(self.strength),
            "writer": str(self.writer),
            "detail": self.detail[:250],
            "ticket": self.ticket.number,
            "authentication": str(self.verdict),
            **({"merged": self.merged} if self.merged else {}),
        }


def place(leads: Sequence[Lead], address: Address, checked: Checked, *, is_automatic: bool = False) -> Place:
    """Where a mail belongs: the first lead that allows more than a new ticket, else a new one beside it."""
    weighed = [_weigh(lead, address, checked.verdict, is_automatic) for lead in leads]
    found = next((place for place in weighed if place.decision != NEW), None)
    if found is None:
        return weighed[0] if weighed else Place(NEW, verdict=checked.verdict)
    return _renewed(found) if found.decision == APPEND and not is_automatic else found


def _weigh(lead: Lead, address: Address, verdict: Verdict, is_automatic: bool) -> Place:
    # Rule E-14: whoever has no part in the ticket where it goes on is a stranger there.
    living = lead.ticket.living
    merged = "" if living is lead.ticket else lead.ticket.number
    writer = writer_of(living, address)
    decision = HOLD if lead.code == OUTSIDE else DECISIONS[writer, verdict][lead.strength]
    if is_automatic:
        decision = _of_machine(decision, writer)
    return Place(decision, living, lead.code, lead.strength, writer, lead.detail, verdict, merged)


def _of_machine(decision: Decision, writer: Writer) -> Decision:
    # A machine never speaks for an agent, and one that changes its address stays within one ticket.
    if decision == SPEAK or (decision == NEW and writer == Writer.STRANGER):
        return HOLD
    return decision


def _renewed(found: Place) -> Place:
    """The same, or a new ticket where the old one ended long ago (rule E-14)."""
    ticket = found.ticket
    if ticket is None or ticket.solved is None or not ticket.is_solved:
        return found
    if clock.now() - ticket.solved <= REOPENS:
        return found
    return replace(found, decision=NEW, follows=ticket)


def writer_of(ticket: Ticket, address: Address) -> Writer:
    """Who this address is to this ticket."""
    if address.customer_id == ticket.requester_id or addresses_of(ticket).filter(pk=address.pk).exists():
        return Writer.PARTICIPANT
    if Agent.objects.filter(email__iexact=address.value, is_active=True).exists():
        return Writer.AGENT
    return Writer.STRANGER

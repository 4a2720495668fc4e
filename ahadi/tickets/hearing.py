"""To be heard: what the customer said in four parts, told back to them, and their yes or their correction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from ahadi.people.models import Address, Agent
from ahadi.tickets.models import Entry, Statement, Ticket
from ahadi.tickets.said import Kind, Said

PARTS = ("situation", "problem", "wish", "tried")
# Written down by an agent, told back to the customer, and what they said to it.
WRITTEN, ASKED, CONFIRMED, CORRECTED = "statement", "summary", "understood", "correction"
LONGEST = 4_000


class NotPossible(ValueError):
    """There is nothing to tell back, or nobody to tell it to; the code says which."""


class Hearing(NamedTuple):
    """Where it stands: the words, the last thing that happened to them, and who was it."""

    statement: Statement | None
    last: Entry | None = None

    @property
    def state(self) -> str:
        """Empty for the customer's own words, else written, asked, confirmed or corrected."""
        return {WRITTEN: "written", ASKED: "asked", CONFIRMED: "confirmed", CORRECTED: "corrected"}.get(
            self.last.code if self.last else "", ""
        )

    @property
    def is_asked(self) -> bool:
        """The customer has not said yet whether it is right."""
        return self.state == "asked"


def read(ticket: Ticket) -> Hearing:
    """What was understood of a ticket, and whether the customer agrees."""
    statement = Statement.objects.filter(ticket=ticket).first()
    said = Entry.objects.filter(ticket=ticket, code__in=(WRITTEN, ASKED, CONFIRMED, CORRECTED))
    return Hearing(statement, said.select_related("agent").order_by("-seq").first() if statement else None)


@transaction.atomic
def write_down(
    ticket: Ticket, parts: Mapping[str, str], *, by: Agent, sources: Mapping[str, int] | None = None
) -> Entry | None:
    """Keep what the customer said in its parts, with the entries it was taken from; None for nothing new."""
    statement = Statement.objects.filter(ticket=ticket).first() or Statement(ticket=ticket)
    given = {part: parts[part].strip()[:LONGEST] for part in PARTS if part in parts}
    new = {part: words for part, words in given.items() if words != getattr(statement, part)}
    if not new:
        return None
    _keep(statement, new)
    found = {part: seq for part, seq in (sources or {}).items() if part in new}
    return ticket.change(WRITTEN, {"statement": new, "sources": found}, by)


@transaction.atomic
def tell_back(ticket: Ticket, *, by: Agent) -> Entry:
    """Send the customer what was understood, and ask whether it is right; the promise stands as it is."""
    statement = Statement.objects.filter(ticket=ticket).first()
    said = _parts(statement)
    if not said:
        raise NotPossible("nothing")
    if ticket.is_solved:
        raise NotPossible("solved")
    with translation.override(ticket.language):
        text = _told(said)
    return ticket.append(
        Said(
            kind=Kind.REPLY,
            code=ASKED,
            text=text,
            by=by,
            channel=ticket.way_out,
            language=ticket.language,
            data={"statement": said},
        ),
        assignee=ticket.assignee or by,
    )


@transaction.atomic
def confirm(ticket: Ticket, address: Address) -> Entry | None:
    """The customer says yes, that is it; None where nothing is asked."""
    ticket.lock()
    hearing = read(ticket)
    if not hearing.is_asked or hearing.last is None:
        return None
    data = {"summary": hearing.last.seq}
    said = Said(kind=Kind.EVENT, code=CONFIRMED, data=data, by=address.customer, address=address)
    return ticket.append(said)


@transaction.atomic
def correct(ticket: Ticket, address: Address, parts: Mapping[str, str]) -> Entry | None:
    """The customer says it in their own words; these count from now on, and somebody reads them."""
    statement = Statement.objects.filter(ticket=ticket).first() or Statement(ticket=ticket)
    given = {part: parts.get(part, "").strip()[:LONGEST] for part in PARTS}
    if given == {part: getattr(statement, part) for part in PARTS}:
        return None
    _keep(statement, given)
    said = {part: words for part, words in given.items() if words}
    return ticket.receive(
        Said(
            kind=Kind.MESSAGE,
            code=CORRECTED,
            text="\n\n".join(said.values()),
            by=address.customer,
            address=address,
            channel="form",
            language=ticket.language,
            data={"page": True, "statement": said},
        )
    )


def _keep(statement: Statement, parts: Mapping[str, str]) -> None:
    for part, words in parts.items():
        setattr(statement, part, words)
    statement.save()


def _parts(statement: Statement | None) -> dict[str, str]:
    return {part: words for part in PARTS if statement and (words := getattr(statement, part))}


def _told(said: Mapping[str, str]) -> str:
    names = {
        "situation": _("Situation"),
        "problem": _("Problem"),
        "wish": _("Your wish"),
        "tried": _("What you have tried"),
    }
    parts = [f"{names[part]}: {words}" for part, words in said.items()]
    return "\n\n".join([_("If I understood you correctly:"), *parts])

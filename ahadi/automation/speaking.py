"""The one voice of our machines in a live talk: it knows the talk, and when to be silent.

Whatever wants to say something by itself while somebody chats asks `speak`. It offers a person in every turn,
asks nothing that is known or was asked before, and says nothing from a person's first word until that person
hands back or the talk ends. `guard` stands in settings.REACTIONS before everything else, so that an automatic
text that came by any other way is refused together with its transaction: nobody can forget these rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.db import transaction

from ahadi.automation.wanting import wants_person
from ahadi.lib.question import Question
from ahadi.tickets import ending
from ahadi.tickets.models import Entry, Statement, Ticket
from ahadi.tickets.said import File, Kind, Said

CHANNEL = "chat"
# Events of a talk.
HANDED_BACK, ENDED, WANTED = "handed_back", "chat_ended", "person_wanted"
# Said even to somebody who waits for a person: how long it takes, and where they are reached.
ABOUT_WAITING = ("acknowledgement", "queue", "away")
# A key that no entry has.
NEVER = 2**62
# What each automatic text offers.
OFFER = "person"


class Silence(NamedTuple):
    """Nothing was said, and why: over, person, wanted, known, asked."""

    reason: str


class Refused(Exception):
    """An automatic text that did not come through `speak`, or at a time when machines are silent."""


class Turn(NamedTuple):
    """One thing that happened in a talk, as far as it decides who may speak."""

    kind: str
    code: str
    automatic: bool
    agent: int | None
    channel: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Floor:
    """Who has the word: what everything so far comes to."""

    is_live: bool = False
    with_person: bool = False
    wants_person: bool = False
    asked: frozenset[str] = frozenset()

    def after(self, turn: Turn) -> Floor:
        """The floor when this has happened."""
        if turn.kind == Kind.MESSAGE and turn.channel == CHANNEL and not turn.automatic:
            # What is said to a talk that was ended for how it was led begins nothing.
            return self if turn.code == ending.AFTER else replace(self, is_live=True)
        if turn.kind == Kind.REPLY and turn.automatic:
            asks = turn.data.get("asks")
            return replace(self, asked=self.asked | {asks}) if asks else self
        if turn.kind == Kind.REPLY:
            return self._over() if turn.code == "solution" else replace(self, with_person=True)
        return self._after_event(turn) if turn.kind == Kind.EVENT else self

    def _after_event(self, turn: Turn) -> Floor:
        if turn.code in (ENDED, "solved"):
            return self._over()
        if turn.code == HANDED_BACK:
            return replace(self, with_person=False, wants_person=False)
        if turn.code == WANTED:
            return replace(self, wants_person=True)
        if joins(turn):
            return replace(self, with_person=True)
        return self

    def _over(self) -> Floor:
        return replace(self, is_live=False, with_person=False, wants_person=False)

    def objection(self, code: str, asks: str = "", known: frozenset[str] = frozenset()) -> str:
        """Why a machine may not say this now, or an empty string."""
        if not self.is_live:
            return "over"
        if self.with_person:
            return "person"
        if self.wants_person and code not in ABOUT_WAITING:
            return "wanted"
        if asks:
            return "known" if asks in known else "asked" if asks in self.asked else ""
        return ""


def joins(turn: Turn) -> bool:
    """Somebody of ours comes into the talk: they took it themselves, or accepted when it rang."""
    if turn.kind != Kind.EVENT or turn.code != "assigned":
        return False
    taken = turn.data.get("agent")
    return taken is not None and (turn.agent == taken or turn.data.get("why") == "rang")


def read(turns: Iterable[Turn]) -> Floor:
    """The floor after all of these."""
    floor = Floor()
    for turn in turns:
        floor = floor.after(turn)
    return floor


def floor_of(ticket: Ticket, before: int | None = None) -> Floor:
    """Who has the word on a ticket; `before` asks how it was before an entry."""
    if ticket.channel != CHANNEL:
        return Floor()
    rows = _TURNS.rows(ticket.pk, before or NEVER)
    return read(Turn(*row) for row in rows)


_TURNS = Question(
    lambda ticket, before: (
        Entry.objects.filter(ticket=ticket, pk__lt=before)
        .exclude(kind=Kind.NOTE)
        .order_by("seq")
        .values_list("kind", "code", "automatic", "agent_id", "channel", "words__data")
    )
)


def known(ticket: Ticket) -> frozenset[str]:
    """What is known of the customer and their matter, and is therefore not asked."""
    found = {"way", ticket.address.kind} if ticket.address is not None else set()
    if ticket.requester.name:
        found.add("name")
    statement = Statement.objects.filter(ticket=ticket).first()
    parts = ("situation", "problem", "wish", "tried")
    return frozenset(found | {part for part in parts if statement and getattr(statement, part)})


@transaction.atomic
def speak(
    ticket: Ticket,
    code: str,
    text: str,
    *,
    asks: str = "",
    data: Mapping[str, Any] | None = None,
    files: Sequence[File] = (),
) -> Entry | Silence:
    """Say something by machine in a live talk, with the offer of a person; or why nothing is said.

    `asks` names what the text asks for: way, email, phone, name, or a part of the statement.
    """
    ticket.lock()
    floor = floor_of(ticket)
    reason = floor.objection(code, asks, known(ticket) if asks else frozenset())
    if reason:
        return Silence(reason)
    marks = {"offers": OFFER, **({"asks": asks} if asks else {})}
    return ticket.append(
        Said(
            kind=Kind.REPLY,
            code=code,
            text=text,
            automatic=True,
            channel=CHANNEL,
            language=ticket.language,
            data={**(data or {}), **marks},
            files=files,
        )
    )


@transaction.atomic
def hand_back(ticket: Ticket, *, by: Any) -> Entry | None:
    """A person lets machines speak again; None where none was silent."""
    ticket.lock()
    return ticket.change(HANDED_BACK, {}, by) if floor_of(ticket).with_person else None


@transaction.atomic
def want_person(ticket: Ticket, *, said: bool) -> Entry | None:
    """The customer wants a person, by a button or in words: machines speak of the waiting only."""
    ticket.lock()
    floor = floor_of(ticket)
    if not floor.is_live or floor.with_person or floor.wants_person:
        return None
    return ticket.change(WANTED, {"said": said}, None)


def guard(entry: Entry) -> None:
    """Refuse what a machine says in a live talk by any way but `speak`; raises Refused."""
    ticket = entry.ticket
    if ticket.channel != CHANNEL or entry.kind != Kind.REPLY or not entry.automatic:
        return
    floor = floor_of(ticket, before=entry.pk)
    if not floor.is_live:
        return
    if entry.words.data.get("offers") != OFFER:
        raise Refused(f"{entry.code}: no person is offered.")
    if reason := floor.objection(entry.code):
        raise Refused(f"{entry.code}: {reason}.")


def listen(entry: Entry) -> None:
    """Hear the wish for a person in what a customer writes."""
    is_word = entry.kind == Kind.MESSAGE and not entry.automatic and entry.channel == CHANNEL
    if is_word and entry.ticket.channel == CHANNEL and wants_person(entry.words.shown_text):
        want_person(entry.ticket, said=True)

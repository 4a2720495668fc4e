"""What the desk hears while it is open: which tickets changed and who is at them, never a word of them.

The page then asks for what it shows, as any page does. What an agent may not see is not told to them.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Q

from ahadi.desk import presence, sketches
from ahadi.lib.board import Note, board
from ahadi.lib.hub import Event
from ahadi.lib.streams import Asked
from ahadi.people import sessions
from ahadi.people.models import Agent
from ahadi.routing import ringing
from ahadi.tickets import feed, seeing
from ahadi.tickets.feed import Happened
from ahadi.tickets.models import Ticket

# Further back than this, a page is faster read anew.
FAR = 400
# Looks between two cleanings of the board.
TIDY = 500

People = dict[str, list[presence.Person]]
Told = dict[Hashable, list[Event]]


class Seat(NamedTuple):
    """An agent in one browser."""

    session: str
    agent: Agent

    @property
    def key(self) -> Hashable:
        return "desk", self.session


class Desk:
    """The door of the stream for agents."""

    def __init__(self) -> None:
        self.place = 0
        self._touched: dict[str, int] = {}
        self._notes: list[Note] = []
        self._shown: dict[int, Any] = {}
        self._rings: dict[int, list[str]] = {}
        self._said: tuple[frozenset[int], float] = frozenset(), 0.0
        self._looks = 0
        self._is_behind = False

    def admit(self, asked: Asked) -> Seat | None:
        """Somebody who is signed in."""
        session = asked.cookies.get(settings.SESSION_COOKIE_NAME, "")
        agent = sessions.agent_of(session)
        return Seat(session, agent) if agent is not None else None

    def remain(self, seats: list[Seat]) -> set[Hashable]:
        """Still signed in and active; a role that changed meanwhile counts from here on."""
        remaining = set()
        for seat in seats:
            agent = sessions.agent_of(seat.session)
            if agent is not None:
                seat.agent.role = agent.role
                remaining.add(seat.key)
        return remaining

    def begin(self) -> None:
        """From the newest entry on."""
        self.place = feed.end()
        self._notes = board().read()
        self._touched = presence.touches(self._notes)

    def opening(self, seat: Seat, after: int | None) -> Iterable[Event]:
        """What was missed, who is where, and where this agent has begun to write."""
        known = self.place if after is None else min(after, self.place)
        rows = feed.since(known, self.place)
        if len(rows) > FAR:
            yield Event("reset", {})
        else:
            seen = _seen(seat.agent, rows, ())
            yield from _changes(seat.agent, rows, (), seen)
        people = presence.people(self._notes)
        yield Event("here", _here(people, seat.agent, _seen(seat.agent, (), people)))
        if rings := ringing.told(self._notes).get(seat.agent.pk):
            yield Event("ring", {"rings": rings})
        yield Event("hello", {"drafts": sketches.numbers(seat.agent)}, self.place)

    def mark(self) -> Hashable:
        """Entries and the board; never the same while somebody is still writing what comes next."""
        return object() if self._is_behind else (feed.mark(), board().mark())

    def look(self, seats: list[Seat]) -> Mapping[Hashable, Iterable[Event]]:
        """Each agent is told what they may see, on all their browsers."""
        self._tidy()
        self._sit(seats)
        end = feed.end()
        self._is_behind = feed.is_behind(end)
        rows = feed.since(self.place, end)
        notes = board().read()
        touched = self._newly_touched(notes)
        is_moved = notes != self._notes
        if not rows and not touched and not is_moved:
            return {}
        self._notes = notes
        self.place = rows[-1].pk if rows else self.place
        agents = {seat.agent.pk: seat.agent for seat in seats}
        # Who is where is told again where somebody moved, or may see more or less than before.
        is_moved = (
            is_moved or any(row.kind == "event" for row in rows) or not agents.keys() <= self._shown.keys()
        )
        told = self._tell(agents, rows, touched, presence.people(notes) if is_moved else None)
        for pk, rings in self._newly_ringing(notes).items():
            if pk in told:
                told[pk] = [*told[pk], Event("ring", {"rings": rings})]
        return {seat.key: told[seat.agent.pk] for seat in seats}

    def _tell(
        self, agents: dict[int, Agent], rows: list[Happened], touched: set[str], people: People | None
    ) -> dict[int, list[Event]]:
        """What each agent is told; those who see the same and did none of it share one list."""
        numbers = {*touched, *(people or ())}
        seen = seeing.seen_by(agents.values(), {row.ticket for row in rows}, numbers)
        at_work = {row.agent for row in rows} | {
            each.pk for there in (people or {}).values() for each in there
        }
        shared: dict[Hashable, tuple[list[Event], list[Event], Any]] = {}
        told = {}
        for pk, agent in agents.items():
            kind = id(seen[pk]), pk if pk in at_work else 0
            if kind not in shared:
                changes = list(_changes(agent, rows, touched, seen[pk]))
                here = None if people is None else _here(people, agent, seen[pk])
                shared[kind] = changes, [*changes, Event("here", here)], here
            changes, with_here, here = shared[kind]
            is_new = here is not None and self._shown.get(pk) != here
            if is_new:
                self._shown[pk] = here
            told[pk] = with_here if is_new else changes
        return told

    def _sit(self, seats: list[Seat]) -> None:
        """Tell where rings are decided whose desk is open here."""
        agents, now = frozenset(seat.agent.pk for seat in seats), time.monotonic()
        known, said = self._said
        if agents != known or now - said > ringing.LIFE / 3:
            self._said = agents, now
            ringing.sit(agents)

    def _newly_ringing(self, notes: list[Note]) -> dict[int, list[str]]:
        """What rings at the desks where that changed; nothing where it became silent."""
        now = ringing.told(notes)
        before, self._rings = self._rings, now
        return {pk: now.get(pk, []) for pk in {*now, *before} if now.get(pk) != before.get(pk)}

    def _newly_touched(self, notes: list[Note]) -> set[str]:
        now = presence.touches(notes)
        before, self._touched = self._touched, now
        return {number for number, moment in now.items() if before.get(number) != moment}

    def _tidy(self) -> None:
        self._looks += 1
        if self._looks % TIDY == 0:
            board().tidy()
            self._shown.clear()


def _seen(agent: Agent, rows: Iterable[Happened], numbers: Iterable[str]) -> set[str]:
    """The tracking codes among these that the agent may see."""
    keys, named = {row.ticket for row in rows}, set(numbers)
    if not keys and not named:
        return set()
    asked = Ticket.objects.visible_to(agent).filter(Q(pk__in=keys) | Q(number__in=named))
    return set(asked.values_list("number", flat=True))


def _changes(
    agent: Agent, rows: Iterable[Happened], touched: Iterable[str], seen: set[str]
) -> Iterable[Event]:
    tickets: dict[str, list[Happened]] = {}
    is_moved = False
    last: int | None = None
    for row in rows:
        last = row.pk
        if row.number in seen:
            tickets.setdefault(row.number, []).append(row)
        else:
            # It may just have left their lists.
            is_moved = is_moved or row.kind == "event"
    for number, changes in tickets.items():
        others = sorted({row.kind for row in changes if row.agent != agent.pk})
        told = {
            "number": number,
            "seq": changes[-1].seq,
            "kinds": others,
            "is_new": changes[0].seq == 1,
        }
        yield Event("ticket", told)
    for number in touched:
        if number in seen and number not in tickets:
            yield Event("ticket", {"number": number, "seq": 0, "kinds": [], "is_new": False})
    if is_moved:
        yield Event("lists", {})
    if last is not None:
        yield Event("place", last, last)


def _here(people: People, agent: Agent, seen: set[str]) -> dict[str, list[list[Any]]]:
    """Colleagues at the tickets this agent may see."""
    found = {
        number: [[each.name, each.initials, each.photo, each.writes] for each in there if each.pk != agent.pk]
        for number, there in people.items()
        if number in seen
    }
    return {number: there for number, there in found.items() if there}

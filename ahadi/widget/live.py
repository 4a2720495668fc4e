"""What a visitor hears while the panel is open: lines of their talk, where it stands, who writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone, translation

from ahadi.channels.chat import availability, crowd, here, lines, talks
from ahadi.channels.models import Line, Talk, Visitor
from ahadi.lib import clock, piece
from ahadi.lib.board import board
from ahadi.lib.hub import Event
from ahadi.lib.question import MANY, Question, lots
from ahadi.lib.streams import Asked
from ahadi.people.models import Company
from ahadi.tickets import feed
from ahadi.widget import shown

# Events after which a visitor may hear of another talk than before.
_MOVING = ("identified", "chat_ended", "merged_here")
# Seconds after which the house is looked at again: the line moves, the hours end. Not for all in one moment:
# nobody's words wait for it.
AGAIN, PARTS, MOST_PARTS = 15.0, 75, 6
# For so long the places in line that were read are told; a thousand wait in a busy hour.
LINES_HOLD = 1.0


class Seat(NamedTuple):
    """A visitor with the panel open."""

    visitor: Visitor

    @property
    def key(self) -> Hashable:
        return "chat", self.visitor.pk


class Panel:
    """The door of the stream for visitors."""

    # News of a talk are told faster than those of lists.
    pause = 0.02

    def __init__(self) -> None:
        self.place = 0
        # Tickets whose visitors listen, and who they are.
        self._seats: dict[int, dict[int, Seat]] = defaultdict(dict)
        self._talks: dict[int, int] = {}
        self._writing: dict[str, str] = {}
        self._touched: dict[str, int] = {}
        self._houses: dict[int, shown.Shown] = {}
        # The last line that was told of each talk, and entries that are told by whoever wrote them here.
        self._last: dict[int, int] = {}
        self._claimed: set[int] = set()
        self._looked, self._part = 0.0, 0
        # Who was here when the first part was looked at, and who came since.
        self._parts: list[dict[int, Seat]] = [{} for _part in range(PARTS)]
        self._lines: availability.Lines = {}
        self._lines_read = 0.0
        self._is_behind = False

    def admit(self, asked: Asked) -> Seat | None:
        """Whoever has the token of a session."""
        visitor = talks.find(asked.bearer)
        return Seat(visitor) if visitor is not None else None

    def remain(self, seats: list[Seat]) -> set[Hashable]:
        """Not signed out meanwhile; a sign of life for the desk."""
        there = Visitor.objects.filter(pk__in=[seat.visitor.pk for seat in seats], ended=None)
        known = set(there.values_list("pk", flat=True))
        remaining = [seat for seat in seats if seat.visitor.pk in known]
        talking = {self._talks[seat.visitor.pk]: seat for seat in remaining if seat.visitor.pk in self._talks}
        numbers = Talk.objects.filter(pk__in=list(talking)).values_list("pk", "ticket__number")
        with piece.of_work():
            for talk, number in numbers:
                here.come(number, talking[talk].visitor)
        return {seat.key for seat in remaining}

    def begin(self) -> None:
        """From the newest entry on."""
        self.place = feed.end()
        self._seats.clear()
        self._talks.clear()
        self._last.clear()
        self._claimed.clear()
        told = here.told()
        self._writing, self._touched = told.writers, told.touches

    def opening(self, seat: Seat, after: int | None) -> Iterable[Event]:
        """The lines that were missed, then where the talk stands."""
        self._parts[seat.visitor.pk % PARTS][seat.visitor.pk] = seat
        talk = talks.current(seat.visitor)
        if talk is not None:
            self._sit(seat, talk.pk)
            here.come(talk.ticket.number, seat.visitor)
        with reading(seat.visitor):
            if talk is not None:
                for line in lines.since([talk.pk], after or 0)[: lines.MOST]:
                    yield Event("entry", shown.line(line), line.seq)
                    self._last[talk.pk] = max(self._last.get(talk.pk, 0), line.seq)
                self._last.setdefault(talk.pk, talk.last_line)
                yield Event("talk", shown.of_talk(talk, self._writing))
            yield Event("availability", shown.house_of(seat.visitor, talk))

    def mark(self) -> Hashable:
        """Entries and the board."""
        return object() if self._is_behind else (feed.mark(), board().mark())

    def claim(self, talk: Talk, line: Line) -> list[Hashable]:
        """Who hears a line of its writer, before others can read it; nobody where lines before it are untold.

        Asked by another thread: at worst a panel is told twice, or asks for what it misses, by its number.
        """
        there = list(self._seats.get(talk.pk, {}).values())
        if [seat.visitor.pk for seat in there] != [talk.visitor_id] or self._last.get(
            talk.pk
        ) != line.seq - 1:
            return []
        self._last[talk.pk] = line.seq
        self._claimed.add(line.entry_id)
        return [there[0].key]

    def unclaim(self, entries: Iterable[int]) -> None:
        """They were not written after all."""
        self._claimed.difference_update(entries)
        self._last.clear()

    def look(self, seats: list[Seat]) -> Mapping[Hashable, Iterable[Event]]:
        """Each visitor is told what happened in their own talk."""
        end = feed.end()
        self._is_behind = feed.is_behind(end)
        rows = feed.since(self.place, end)
        self.place = rows[-1].pk if rows else self.place
        told: dict[Hashable, list[Event]] = defaultdict(list)
        self._seat_new(rows, seats)
        own = {row.pk for row in rows if row.pk in self._claimed}
        self._claimed -= own
        untold = [row for row in rows if row.ticket in self._seats and row.pk not in own]
        if untold:
            self._tell_lines([row.pk for row in untold], {row.ticket for row in untold}, told)
        self._tell_writing(told)
        self._tell_touched(told)
        with piece.of_work():
            self._tell_houses(seats, told)
        return told

    def _seat_new(self, rows: list[feed.Happened], seats: list[Seat]) -> None:
        """A visitor's first word begins the talk that they hear from here on."""
        begun = [row.ticket for row in rows if row.seq == 1 or row.code in _MOVING]
        if not begun:
            return
        there = {seat.visitor.pk: seat for seat in seats}
        for talk in Talk.objects.filter(pk__in=begun, visitor__in=list(there), ticket__merged_into=None):
            self._sit(there[talk.visitor_id], talk.pk)

    def _sit(self, seat: Seat, ticket: int) -> None:
        before = self._talks.get(seat.visitor.pk)
        if before is not None and before != ticket:
            self._seats[before].pop(seat.visitor.pk, None)
        self._talks[seat.visitor.pk] = ticket
        self._seats[ticket][seat.visitor.pk] = seat

    def _tell_lines(self, entries: list[int], changed: set[int], told: dict[Hashable, list[Event]]) -> None:
        by_talk: dict[int, list[Line]] = defaultdict(list)
        for line in lines.of_entries(entries):
            by_talk[line.talk_id].append(line)
            self._last[line.talk_id] = max(self._last.get(line.talk_id, 0), line.seq)
        wanted = ("ticket__team", "ticket__assignee", "ticket__address")
        for talk in Talk.objects.select_related(*wanted).filter(pk__in=changed):
            for seat in self._seats[talk.pk].values():
                with reading(seat.visitor):
                    news = [Event("entry", shown.line(line), line.seq) for line in by_talk[talk.pk]]
                    news.append(Event("talk", shown.of_talk(talk, self._writing)))
                told[seat.key] += news

    def _tell_writing(self, told: dict[Hashable, list[Event]]) -> None:
        writing = here.told().writers
        if writing == self._writing:
            return
        moved = {
            number
            for number in {*writing, *self._writing}
            if writing.get(number) != self._writing.get(number)
        }
        self._writing = writing
        for talk in Talk.objects.filter(ticket__number__in=moved, pk__in=list(self._seats)).select_related(
            "ticket"
        ):
            for seat in self._seats[talk.pk].values():
                told[seat.key].append(Event("typing", {"name": writing.get(talk.ticket.number)}))

    def _tell_touched(self, told: dict[Hashable, list[Event]]) -> None:
        now = here.told().touches
        if now is self._touched:
            return
        before, self._touched = self._touched, now
        moved = [number for number, moment in now.items() if before.get(number) != moment]
        if not moved or not self._seats:
            return
        wanted = ("ticket__team", "ticket__assignee", "ticket__address")
        found = Talk.objects.filter(ticket__number__in=moved, pk__in=list(self._seats))
        for talk in found.select_related(*wanted):
            for seat in self._seats[talk.pk].values():
                with reading(seat.visitor):
                    told[seat.key].append(Event("talk", shown.of_talk(talk, self._writing)))

    def _tell_houses(self, seats: list[Seat], told: dict[Hashable, list[Event]]) -> None:
        """Now and then: the line has moved, or the hours have ended."""
        now = clock.now().timestamp()
        # Where nothing happens there is a look every second only, which then is for several parts.
        due = min(int((now - self._looked) * PARTS / AGAIN), MOST_PARTS)
        if due < 1:
            return
        self._looked = now
        some: list[Seat] = []
        for _part in range(due):
            if self._part == 0:
                self._divide(seats)
            some += self._parts[self._part].values()
            self._part = (self._part + 1) % PARTS
        if not some:
            return
        talking = [self._talks[seat.visitor.pk] for seat in some if seat.visitor.pk in self._talks]
        known_teams = crowd.all_teams()
        rows = (row for part in lots(talking, MANY) for row in _TEAM_OF.rows(*part))
        # One of a moment ago is known in the next round.
        teams = {talk: known_teams[team] for talk, team in rows if team in known_teams}
        if now - self._lines_read >= LINES_HOLD:
            self._lines, self._lines_read = availability.read_lines(), now
        lines = self._lines
        known: dict[Hashable, shown.Shown] = {}
        for seat in some:
            visitor = seat.visitor
            ticket = self._talks.get(visitor.pk)
            team = teams.get(ticket or 0) or visitor.site.team
            # Whoever stands in a line is told something of their own: all others of a team hear the same.
            own = ticket if ticket in lines.get(team.pk, ()) else None
            key = team.pk, visitor.language, visitor.time_zone, own, ticket is None
            if key not in known:
                with reading(visitor):
                    known[key] = shown.house(team, ticket, lines)
            if self._houses.get(visitor.pk) != known[key]:
                self._houses[visitor.pk] = known[key]
                told[seat.key].append(Event("availability", known[key]))

    def _divide(self, seats: list[Seat]) -> None:
        self._parts = [{} for _part in range(PARTS)]
        for seat in seats:
            self._parts[seat.visitor.pk % PARTS][seat.visitor.pk] = seat
        self._forget({seat.visitor.pk for seat in seats})

    def _forget(self, living: set[int]) -> None:
        for pk in [pk for pk in self._talks if pk not in living]:
            ticket = self._talks.pop(pk)
            self._seats[ticket].pop(pk, None)
            if not self._seats[ticket]:
                del self._seats[ticket]
                self._last.pop(ticket, None)
        self._houses = {pk: house for pk, house in self._houses.items() if pk in living}


_TEAM_OF = Question(
    lambda *talks: Talk.objects.filter(pk__in=talks).values_list("pk", "ticket__team"), gaps=MANY
)


class reading:
    """Inside, everything is said in the visitor's language and zone."""

    def __init__(self, visitor: Visitor) -> None:
        self.language = translation.override(visitor.language)
        self.zone = timezone.override(ZoneInfo(visitor.time_zone or Company.current().time_zone))

    def __enter__(self) -> None:
        self.language.__enter__()
        self.zone.__enter__()

    def __exit__(self, *error: object) -> None:
        self.zone.__exit__(*error)  # type: ignore[arg-type]
        self.language.__exit__(*error)  # type: ignore[arg-type]

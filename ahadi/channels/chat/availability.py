"""The one true thing that the head of the panel says: open, busy or closed, from what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.core.cache import cache

from ahadi.calendars import CalendarError
from ahadi.lib import clock
from ahadi.people.models import Team
from ahadi.reports import waits
from ahadi.routing import ringing
from ahadi.routing.models import Ring
from ahadi.tickets import targets

Lines = Mapping[int, Mapping[int, int]]
OPEN, BUSY, CLOSED = "open", "busy", "closed"
# Seconds for which a measure of the past hour is not taken again.
KEPT = 60


class Availability(NamedTuple):
    """What somebody who writes now can expect; `wait` is measured or None, never a guess."""

    state: str
    wait: timedelta | None = None
    # The place in line, from 1.
    place: int | None = None
    opens: datetime | None = None
    answer_by: datetime | None = None


def of(team: Team, ticket: int | None = None, lines: Lines | None = None) -> Availability:
    """How it is for a team now, for somebody who waits in this talk or would begin one.

    Whoever asks for many reads the `lines` of all teams once.
    """
    now = clock.now()
    hours = targets.hours_of(team)
    if not hours.is_open(now):
        try:
            return Availability(
                CLOSED, opens=hours.next_opening(now), answer_by=targets.answer_due(team, now)
            )
        except CalendarError:
            return Availability(CLOSED)
    standing = (read_lines(team) if lines is None else lines).get(team.pk, {})
    # Whoever would begin a talk stands behind those who wait; who does not wait for a desk to ring, nowhere.
    place = standing.get(ticket) if ticket else len(standing) + 1 if standing else None
    usual = _usual()
    if place is None:
        return Availability(OPEN, wait=usual)
    return Availability(BUSY, wait=usual * place if usual else None, place=place)


def read_lines(team: Team | None = None) -> Lines:
    """Who waits for a person in a talk, by team, with their places."""
    return ringing.lines(Ring.Cause.TALK, team)


def _usual() -> timedelta | None:
    """The half of the waits in talks of the last comparable hour."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    key = f"chat.usual.{hour:%Y%m%d%H}"
    kept = cache.get(key)
    if kept is None:
        found = waits.comparable("chat")
        kept = (found.half if found else None,)
        cache.set(key, kept, KEPT)
    usual: timedelta | None = kept[0]
    return usual

"""The one true thing that the head of the panel says: open, busy or closed, from what was measured."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.core.cache import cache

from ahadi.calendars import CalendarError
from ahadi.channels.models import Talk
from ahadi.lib import clock
from ahadi.people.models import Team
from ahadi.reports import waits
from ahadi.routing import ringing
from ahadi.routing.models import Ring
from ahadi.tickets import targets

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


def of(team: Team, talk: Talk | None = None) -> Availability:
    """How it is for a team now, for somebody who waits in this talk or would begin one."""
    now = clock.now()
    hours = targets.hours_of(team)
    if not hours.is_open(now):
        try:
            return Availability(
                CLOSED, opens=hours.next_opening(now), answer_by=targets.answer_due(team, now)
            )
        except CalendarError:
            return Availability(CLOSED)
    place = _place(team, talk)
    usual = _usual()
    if place is None:
        return Availability(OPEN, wait=usual)
    return Availability(BUSY, wait=usual * place if usual else None, place=place)


def _place(team: Team, talk: Talk | None) -> int | None:
    """The place in a line that stands; None where nobody waits without a desk that rings."""
    standing = Ring.objects.open().filter(team=team, cause=Ring.Cause.TALK)
    own = standing.filter(ticket=talk.pk).first() if talk else None
    if own is not None:
        return None if own.begun else ringing.place(own)
    waiting = standing.filter(begun=None).count() if talk is None else 0
    return waiting + 1 if waiting else None


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

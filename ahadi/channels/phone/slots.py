"""Times at which somebody can be called: half hours within the opening hours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from ahadi.calendars import Calendar
from ahadi.channels.models import Call
from ahadi.lib import clock
from ahadi.people.models import Agent, Team
from ahadi.tickets import targets

LENGTH = timedelta(minutes=30)
# Sooner is "now".
SOONEST = timedelta(minutes=15)
# So many days with opening hours, looked for within two weeks.
DAYS, FAR = 4, timedelta(days=14)


def free(team: Team) -> list[datetime]:
    """The beginnings of all half hours that can still be chosen."""
    most = max(Agent.objects.filter(teams=team, is_active=True).count(), 1)
    waiting = Call.objects.open().filter(wanted__gt=clock.now(), ticket__team=team)
    taken = Counter(waiting.values_list("wanted", flat=True))
    return [start for start in every(targets.hours_of(team), clock.now()) if taken[start] < most]


def every(calendar: Calendar, now: datetime) -> Iterator[datetime]:
    """Every half hour within the next opening days."""
    days = set()
    for opening, closing in calendar.periods(now, now + FAR):
        start = _whole(max(opening, now + SOONEST))
        while start + LENGTH <= closing:
            days.add(start.astimezone(calendar.zone).date())
            if len(days) > DAYS:
                return
            yield start
            start += LENGTH


def _whole(moment: datetime) -> datetime:
    """The next full half hour."""
    past = timedelta(minutes=moment.minute % 30, seconds=moment.second, microseconds=moment.microsecond)
    return moment if not past else moment - past + LENGTH

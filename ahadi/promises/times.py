"""When a promise asks for something: a warning, a word to the customer, the next step of the chain."""

from __future__ import annotations

from datetime import datetime, timedelta

from ahadi.calendars import Calendar
from ahadi.promises.models import Alarm

# A warning comes while a quarter of the working time is left, and never later than this before the end.
LEFT, SHORTEST = 0.25, timedelta(minutes=15)
# The customer is told while a tenth is left; longer than this before the end there is still hope.
TOLD, LONGEST = 0.1, timedelta(minutes=15)
# Working time after a broken promise until the next one up the chain hears of it.
CHAIN = {
    Alarm.Level.OWNER: timedelta(0),
    Alarm.Level.LEAD: timedelta(minutes=30),
    Alarm.Level.MANAGER: timedelta(hours=2),
}
# Working time after which somebody who does not answer is asked once more, and after which we decide.
NUDGE_TO_DECISION = timedelta(hours=16)


def warning(calendar: Calendar, made: datetime, due: datetime) -> datetime:
    """When the owner is warned."""
    whole = calendar.between(made, due)
    return _before(calendar, made, due, max(whole * LEFT, SHORTEST.total_seconds()))


def announcement(calendar: Calendar, made: datetime, due: datetime) -> datetime:
    """When the customer is told that it will not hold."""
    whole = calendar.between(made, due)
    return _before(calendar, made, due, min(whole * TOLD, LONGEST.total_seconds()))


def escalation(calendar: Calendar, due: datetime, level: int) -> datetime:
    """When a level of the chain hears that it broke."""
    wait = CHAIN[Alarm.Level(level)]
    return due if not wait else calendar.add(due, wait.total_seconds())


def _before(calendar: Calendar, made: datetime, due: datetime, seconds: float) -> datetime:
    # A promise for a closed hour has its last working time before it.
    return max(made, min(due, calendar.add(due, -seconds)))

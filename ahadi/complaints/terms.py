"""Terms as laws and standards count them: pure functions (rule P-30).

A term in days, weeks or months begins on the day after the event and ends with the last second of its last
day, on the clock of the house. Minutes and hours run from the moment itself, night and holidays included.
Where the last day of a calendar term is a holiday the term is not longer: an answer is never late by doubt.
"""

from __future__ import annotations

import calendar as months
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from ahadi.calendars import Calendar

SATURDAY_SUNDAY = frozenset({5, 6})
FRIDAY = frozenset({4})
FRIDAY_SATURDAY = frozenset({4, 5})


class Unit(StrEnum):
    """How a term is counted."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    WEEKS = "weeks"
    MONTHS = "months"


class Term(NamedTuple):
    """So many units."""

    amount: int
    unit: Unit


def end(
    term: Term, start: datetime, calendar: Calendar, weekend: frozenset[int] = SATURDAY_SUNDAY
) -> datetime:
    """The last moment of a term that began at `start`, in UTC.

    `calendar` gives the zone and the holidays; its opening hours do not matter. `weekend` are the days of
    the week, Monday is 0, that the law does not call working days.
    """
    if term.unit is Unit.MINUTES:
        return start + timedelta(minutes=term.amount)
    if term.unit is Unit.HOURS:
        return start + timedelta(hours=term.amount)
    first = start.astimezone(calendar.zone).date()
    return _end_of(_last_day(term, first, calendar, weekend), calendar)


def _last_day(term: Term, first: date, calendar: Calendar, weekend: frozenset[int]) -> date:
    if term.unit is Unit.WORKING_DAYS:
        return _working_day(first, term.amount, calendar, weekend)
    if term.unit is Unit.MONTHS:
        return _months_later(first, term.amount)
    return first + timedelta(days=term.amount * (7 if term.unit is Unit.WEEKS else 1))


def _working_day(first: date, amount: int, calendar: Calendar, weekend: frozenset[int]) -> date:
    day = first
    while amount:
        day += timedelta(days=1)
        if day.weekday() not in weekend and not calendar.is_holiday(day):
            amount -= 1
    return day


def _months_later(first: date, amount: int) -> date:
    # The day of the same number, or the last of a shorter month (Regulation 1182/71, article 3).
    month = first.month - 1 + amount
    year, month = first.year + month // 12, month % 12 + 1
    return date(year, month, min(first.day, months.monthrange(year, month)[1]))


def _end_of(day: date, calendar: Calendar) -> datetime:
    following = datetime.combine(day + timedelta(days=1), time(), calendar.zone)
    # Counted in UTC, where a second is a second on the night when the clocks change.
    return following.astimezone(UTC) - timedelta(seconds=1)

"""A year as a picture: its months and days in the reader's calendar, each with what it is and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

import jdatetime
from babel.dates import get_day_names

from ahadi.calendars.calendar import Calendar
from ahadi.calendars.wording import wording

Reason = str


class Day(NamedTuple):
    """One date: open, longer or shorter than usual, free by the week, or closed for a reason."""

    day: date
    number: str
    # open, part, free or closed.
    kind: str
    name: str
    spans: str
    hours: float


class Month(NamedTuple):
    """A month with the empty places before its first day."""

    name: str
    before: int
    days: list[Day]


def months(calendar: Calendar, year: int, language: str) -> list[Month]:
    """The months of a year as readers of a language count it; a Persian year where they are Persian."""
    said = wording(language)
    found: list[Month] = []
    for local in _dates(year, language):
        _year, month, number = said.date_parts(local)
        if number == 1:
            before = (local.weekday() - said.week_start) % 7
            found.append(Month(said.months[month - 1], before, []))
        found[-1].days.append(_day(calendar, local, said.digits(str(number))))
    return found


def year_of(day: date, language: str) -> int:
    """The year a date lies in, as readers of a language count."""
    return wording(language).date_parts(day)[0]


def weekdays(language: str) -> list[tuple[str, str]]:
    """The days of the week in the order of a language: one letter, and the name to read aloud."""
    said = wording(language)
    letters = get_day_names("narrow", context="stand-alone", locale=said.locale)
    order = [(said.week_start + place) % 7 for place in range(7)]
    return [(letters[day], said.weekdays[day]) for day in order]


def _dates(year: int, language: str) -> Iterator[date]:
    if wording(language).locale == "fa":
        day, following = (
            jdatetime.date(year, 1, 1).togregorian(),
            jdatetime.date(year + 1, 1, 1).togregorian(),
        )
    else:
        day, following = date(year, 1, 1), date(year + 1, 1, 1)
    while day < following:
        yield day
        day += timedelta(days=1)


def _day(calendar: Calendar, local: date, number: str) -> Day:
    start = datetime(local.year, local.month, local.day, tzinfo=calendar.zone)
    tomorrow = local + timedelta(days=1)
    end = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=calendar.zone)
    spans = [
        f"{begin.astimezone(calendar.zone):%H:%M}–{_end(finish, end, calendar)}"
        for begin, finish in calendar.periods(start, end)
    ]
    name = calendar.holidays.get(local, "") or calendar.closed_because(start) or ""
    hours = calendar.between(start, end) / 3600
    is_named = local in calendar.holidays or calendar.closed_because(start) is not None
    kind = ("part" if hours else "closed") if is_named else ("open" if hours else "free")
    return Day(local, number, kind, name, ", ".join(spans), hours)


def _end(finish: datetime, midnight: datetime, calendar: Calendar) -> str:
    return "24:00" if finish == midnight else f"{finish.astimezone(calendar.zone):%H:%M}"

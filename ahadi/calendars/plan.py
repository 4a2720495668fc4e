"""What an administrator writes down about opening hours, read and checked once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY = 86_400
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Exceptions are planned for living people; the limit keeps every search over them short.
FIRST_YEAR, LAST_YEAR = 1900, 2200

# Seconds after local midnight, half-open; an end beyond DAY lies in the next day.
Spans = tuple[tuple[int, int], ...]


class CalendarError(ValueError):
    """A calendar that cannot be, or a question outside it, said in one sentence with its place."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}.")
        self.place = place
        self.problem = problem


class Holiday(NamedTuple):
    """A closed date; `open` are the hours that stay open on a part holiday."""

    name: str
    open: Spans


@dataclass(frozen=True, slots=True)
class Plan:
    """The weekly hours of a place and their exceptions by date (as ordinals)."""

    zone: ZoneInfo
    weekly: tuple[Spans, ...]
    shifts: Mapping[int, Spans]
    breaks: Mapping[int, Spans]
    holidays: Mapping[int, Holiday]
    yearly: Mapping[tuple[int, int], Holiday]
    # Another week from a date on; the dates before keep theirs.
    changes: tuple[tuple[int, tuple[Spans, ...]], ...] = ()

    def holiday(self, day: int) -> Holiday | None:
        """The holiday on a date, one of its own before one of every year."""
        found = self.holidays.get(day)
        if found is None and self.yearly:
            local = date.fromordinal(day)
            found = self.yearly.get((local.month, local.day))
        return found

    def spans(self, day: int) -> Spans:
        """The open spans of a date within its 24 hours; what runs over midnight counts for both dates."""
        holiday = self.holiday(day)
        spans = holiday.open if holiday else within_day(self._begun(day), self._begun(day - 1))
        if day in self.breaks or day - 1 in self.breaks:
            spans = without(spans, within_day(self.breaks.get(day, ()), self.breaks.get(day - 1, ())))
        return spans

    def exceptions(self) -> set[int]:
        """All dates whose spans may differ from the week, except holidays of every year."""
        changed = set(self.shifts) | set(self.breaks) | {first for first, _week in self.changes}
        return changed | {day + 1 for day in changed} | set(self.holidays)

    def eras(self) -> list[tuple[int, tuple[Spans, ...]]]:
        """Every week with the date it holds from, in order; the first holds from the beginning."""
        return [(0, self.weekly), *self.changes]

    def last_week(self) -> tuple[Spans, ...]:
        """The week that holds for ever after."""
        return self.changes[-1][1] if self.changes else self.weekly

    def _begun(self, day: int) -> Spans:
        found = self.shifts.get(day)
        if found is not None:
            return found
        week = self.weekly
        for first, other in self.changes:
            if first > day:
                break
            week = other
        # 1 January of year 1 was a Monday and has the ordinal 1.
        return week[(day - 1) % 7]


def read(source: Mapping[str, Any]) -> Plan:
    """Check a calendar as written in JSON; raise CalendarError with the first place that is wrong."""
    if not isinstance(source, Mapping):
        raise CalendarError("calendar", "must be an object with timezone and hours")
    holidays, yearly = _read_holidays(source.get("holidays") or {})
    plan = Plan(
        zone=_read_zone(source.get("timezone")),
        weekly=_read_week(source.get("hours") or {}),
        shifts=_read_dates("shifts", source.get("shifts") or {}),
        breaks=_read_dates("breaks", source.get("breaks") or {}),
        holidays=holidays,
        yearly=yearly,
        changes=_read_changes(source.get("changes") or []),
    )
    if not _ever_open(plan):
        raise CalendarError("hours", "leave no open moment at all")
    return plan


def within_day(own: Spans, yesterday: Spans) -> Spans:
    """Cut the spans that begin on a date and on the date before to the 24 hours of that date, joined."""
    spans = [(0, end - DAY) for _, end in yesterday if end > DAY]
    spans += [(start, min(end, DAY)) for start, end in own]
    return join(spans)


def join(spans: Iterable[tuple[int, int]]) -> Spans:
    """The same time as sorted spans that neither overlap nor touch."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)


def without(spans: Spans, holes: Spans) -> Spans:
    """The spans with the holes cut out."""
    for hole_start, hole_end in holes:
        pieces = []
        for start, end in spans:
            pieces += [(start, min(end, hole_start)), (max(start, hole_end), end)]
        spans = tuple((start, end) for start, end in pieces if start < end)
    return spans


def _ever_open(plan: Plan) -> bool:
    every_date = 366
    if any(plan.last_week()) and len(plan.yearly) < every_date:
        return True
    if any(holiday.open for holiday in plan.yearly.values()):
        return True
    return any(plan.spans(day) for day in plan.exceptions())


def _read_zone(name: object) -> ZoneInfo:
    if not isinstance(name, str) or not name:
        raise CalendarError("timezone", "is missing")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CalendarError("timezone", f"“{name}” is not a known time zone") from None


def _read_changes(source: object) -> tuple[tuple[int, tuple[Spans, ...]], ...]:
    if not isinstance(source, list | tuple):
        raise CalendarError("changes", "must be a list of weeks with the date they hold from")
    found: dict[int, tuple[Spans, ...]] = {}
    for change in source:
        if not isinstance(change, Mapping):
            raise CalendarError("changes", "each must be an object with from and hours")
        first = _read_date("changes", change.get("from")).toordinal()
        if first in found:
            raise CalendarError("changes", f"{date.fromordinal(first)} stands there twice")
        found[first] = _read_week(change.get("hours") or {})
    return tuple(sorted(found.items()))


def _read_week(hours: object) -> tuple[Spans, ...]:
    if not isinstance(hours, Mapping):
        raise CalendarError("hours", "must be an object with the days mon to sun")
    for name in hours:
        if name not in WEEKDAYS:
            raise CalendarError("hours", f"“{name}” is not one of {', '.join(WEEKDAYS)}")
    weekly = tuple(_read_spans(f"hours.{name}", hours.get(name) or []) for name in WEEKDAYS)
    for today, name in enumerate(WEEKDAYS):
        tomorrow = (today + 1) % 7
        if weekly[today] and weekly[tomorrow] and weekly[today][-1][1] - DAY > weekly[tomorrow][0][0]:
            late = _written(weekly[today][-1])
            raise CalendarError(f"hours.{name}", f"{late} runs over midnight into the hours of the next day")
    return weekly


def _read_dates(place: str, source: object) -> dict[int, Spans]:
    if not isinstance(source, Mapping):
        raise CalendarError(place, "must be an object from dates to lists of intervals")
    return {
        _read_date(place, day).toordinal(): _read_spans(f"{place}.{day}", spans)
        for day, spans in source.items()
    }


def _read_holidays(source: object) -> tuple[dict[int, Holiday], dict[tuple[int, int], Holiday]]:
    if isinstance(source, list | tuple | set | frozenset):
        source = dict.fromkeys(source, "")
    if not isinstance(source, Mapping):
        raise CalendarError("holidays", "must be a list of dates or an object from dates to names")
    by_date, yearly = {}, {}
    for day, value in source.items():
        holiday = _read_holiday(f"holidays.{day}", value)
        if isinstance(day, str) and day.startswith("--"):
            # A leap year, so that 29 February can be a holiday of every year.
            local = _read_date("holidays", f"2000{day[1:]}", written=day)
            yearly[local.month, local.day] = holiday
        else:
            by_date[_read_date("holidays", day).toordinal()] = holiday
    return by_date, yearly


def _read_holiday(place: str, value: object) -> Holiday:
    if value is None or isinstance(value, str):
        return Holiday(value or "", ())
    if not isinstance(value, Mapping):
        raise CalendarError(place, "must be a name, or an object with name and open")
    spans = _read_spans(f"{place}.open", value.get("open") or [])
    if spans and spans[-1][1] > DAY:
        raise CalendarError(f"{place}.open", f"{_written(spans[-1])} runs over midnight")
    return Holiday(str(value.get("name") or ""), join(spans))


def _read_date(place: str, value: object, written: str = "") -> date:
    try:
        found = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise CalendarError(place, f"“{written or value}” is not a date like 2026-12-01") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise CalendarError(place, f"{found} is not between {FIRST_YEAR} and {LAST_YEAR}")
    return found


def _read_spans(place: str, source: object) -> Spans:
    if not isinstance(source, list | tuple):
        raise CalendarError(place, "must be a list of intervals")
    spans = tuple(sorted(_read_span(place, pair) for pair in source))
    for one, other in pairwise(spans):
        if one[1] > other[0]:
            raise CalendarError(place, f"{_written(one)} overlaps {_written(other)}")
    return spans


def _read_span(place: str, pair: object) -> tuple[int, int]:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise CalendarError(place, "each interval must have a start and an end")
    start, end = _read_time(place, pair[0]), _read_time(place, pair[1])
    if start == DAY:
        raise CalendarError(place, "an interval cannot start at 24:00")
    if start == end:
        raise CalendarError(place, f"{_written((start, end))} is empty; a whole day is 00:00–24:00")
    # An end before the start belongs to the next morning.
    return (start, end) if start < end else (start, end + DAY)


def _read_time(place: str, value: object) -> int:
    match = (
        re.fullmatch(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", value, re.ASCII) if isinstance(value, str) else None
    )
    if match:
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        total = hours * 3600 + minutes * 60 + seconds
        if minutes < 60 and seconds < 60 and total <= DAY:
            return total
    raise CalendarError(place, f"“{value}” is not a time between 00:00 and 24:00")


def _written(span: tuple[int, int]) -> str:
    start, end = (f"{second // 3600:02}:{second // 60 % 60:02}" for second in (span[0], _wrapped(span[1])))
    return f"{start}–{end}"


def _wrapped(second: int) -> int:
    return second - DAY if second > DAY else second

"""Business time: how long a place was open, and when so much open time has passed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from ahadi.calendars.days import EPOCH, SECOND, Days, microseconds
from ahadi.calendars.plan import DAY, CalendarError, Plan, read

# One year of room at both ends of what datetime can say, for zones and for closing times.
EARLIEST, LATEST = 3, 9_996
ALL_TIME = (LATEST - EARLIEST) * 366 * DAY * SECOND
# 29 February can be eight years away (1896 to 1904).
LEAP_YEARS_APART = 8 * 366


class Calendar:
    """The opening hours of a place, for arithmetic with open time; all answers are in UTC."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._days = Days(plan)
        years = [date.fromordinal(day).year for day in plan.exceptions()]
        every_year = any(holiday.open for holiday in plan.yearly.values())
        is_old = any(plan.weekly) or every_year
        self._first_year = EARLIEST if is_old else min(years)
        self._last_year = LATEST if any(plan.last_week()) or every_year else max(years)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """A calendar as written in JSON: timezone, hours, holidays, shifts, breaks; else CalendarError."""
        return cls(read(source))

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the hours are written."""
        return self._plan.zone

    @property
    def holidays(self) -> dict[date, str]:
        """The holidays with a date of their own, in order, with their names."""
        return {date.fromordinal(day): found.name for day, found in sorted(self._plan.holidays.items())}

    def is_holiday(self, day: date) -> bool:
        """Whether a date is a holiday as a whole, whatever the week says."""
        holiday = self._plan.holiday(day.toordinal())
        return holiday is not None and not holiday.open

    def add(self, start: datetime, seconds: float) -> datetime:
        """The moment when so many open seconds have passed since start; 0 is the first open moment."""
        year, passed = self._position(_instant(start))
        amount = round(seconds * SECOND)
        if abs(amount) > ALL_TIME:
            found = None
        elif amount < 0:
            found = self._backward(year, passed + amount)
        else:
            found = self._forward(year, passed + amount, opening=amount == 0)
        if found is None:
            raise CalendarError("hours", f"there are not {seconds} open seconds from {start.isoformat()} on")
        return _moment(found)

    def between(self, start: datetime, end: datetime) -> int:
        """Open seconds from start to end, whole; negative when end is before start."""
        first, last = _instant(start), _instant(end)
        if last < first:
            return -self.between(end, start)
        (year, passed), (last_year, last_passed) = self._position(first), self._position(last)
        whole = sum(self._days.sums(each)[-1] for each in range(year, last_year))
        return (whole + last_passed - passed) // SECOND

    def is_open(self, at: datetime) -> bool:
        """Whether the place is open; at the closing moment it is not."""
        instant = _instant(at)
        return any(start <= instant < end for start, end in self._days.of(self._days.at(instant)))

    def next_opening(self, at: datetime) -> datetime | None:
        """The first open moment, `at` itself while open; None when it never opens again."""
        found = self._next_opening(_instant(at))
        return None if found is None else _moment(found)

    def next_closing(self, at: datetime) -> datetime | None:
        """When the present, or else the next, open time ends; None when it never opens or never ends."""
        instant = self._next_opening(_instant(at))
        if instant is None:
            return None
        day = self._days.at(instant)
        for each in range(day, self._last_change(day) + 1):
            for start, end in self._days.of(each):
                if start <= instant < end:
                    instant = end
            if instant < self._days.start(each + 1):
                return _moment(instant)
        return None

    def closed_because(self, at: datetime) -> str | None:
        """The name of the holiday that keeps the place closed now ("" when unnamed), else None."""
        if self.is_open(at):
            return None
        holiday = self._plan.holiday(self._days.at(_instant(at)))
        return holiday.name if holiday else None

    def periods(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open times between two moments, in order, cut at both and joined over midnight."""
        first, last = _instant(start), _instant(end)
        held: tuple[int, int] | None = None
        for begin, finish in self._intervals(first, last):
            if held and begin == held[1]:
                held = (held[0], finish)
                continue
            if held:
                yield _moment(held[0]), _moment(held[1])
            held = (begin, finish)
        if held:
            yield _moment(held[0]), _moment(held[1])

    def _intervals(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        instant = self._next_opening(first)
        while instant is not None and instant < last:
            day = self._days.at(instant)
            for start, end in self._days.of(day):
                if end > instant and start < last:
                    yield max(start, first), min(end, last)
            instant = self._next_opening(self._days.start(day + 1))

    def _next_opening(self, instant: int) -> int | None:
        year, passed = self._position(instant)
        return self._forward(year, passed, opening=True)

    def _position(self, instant: int) -> tuple[int, int]:
        """The local year of an instant and the open time that has passed in it."""
        day = self._days.at(instant)
        local = date.fromordinal(day)
        index = local.timetuple().tm_yday - 1
        passed = self._days.sums(local.year)[index - 1] if index else 0
        passed += sum(max(0, min(end, instant) - start) for start, end in self._days.of(day))
        return local.year, passed

    def _forward(self, year: int, target: int, *, opening: bool) -> int | None:
        while year <= self._last_year:
            total = self._days.sums(year)[-1]
            if target < total or (target == total and not opening):
                return self._find(year, target, opening=opening)
            target -= total
            year += 1
        return None

    def _backward(self, year: int, target: int) -> int | None:
        while target < 0:
            year -= 1
            if year < self._first_year:
                return None
            target += self._days.sums(year)[-1]
        return self._find(year, target, opening=True)

    def _find(self, year: int, target: int, *, opening: bool) -> int:
        """The instant in a year when so much was open: the last one (an opening) or the first (a closing)."""
        sums = self._days.sums(year)
        index = bisect_right(sums, target) if opening else bisect_left(sums, target)
        left = target - (sums[index - 1] if index else 0)
        for start, end in self._days.of(date(year, 1, 1).toordinal() + index):
            if left < end - start or (left == end - start and not opening):
                return start + left
            left -= end - start
        raise AssertionError("the sums of a year are the sums of its days")

    def _last_change(self, day: int) -> int:
        """The date after which only the week repeats, and has repeated once."""
        last = max(self._plan.exceptions(), default=day)
        return max(last, day) + (LEAP_YEARS_APART if self._plan.yearly else 0) + 8


def _instant(moment: datetime) -> int:
    if not EARLIEST <= moment.year <= LATEST:
        raise CalendarError("hours", f"the year {moment.year} is too far away")
    return microseconds(moment)


def _moment(instant: int) -> datetime:
    return EPOCH + timedelta(microseconds=instant)

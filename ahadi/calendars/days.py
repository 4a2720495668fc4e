"""Local dates as intervals of elapsed time, and how much is open in each year."""

from __future__ import annotations

from calendar import isleap
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from ahadi.calendars.plan import DAY, Plan, Spans, within_day

SECOND = 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.toordinal()
MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """An aware moment as whole microseconds since 1970, so that no arithmetic rounds."""
    if moment.tzinfo is None:
        raise ValueError("A moment needs a time zone.")
    return (moment - EPOCH) // MICROSECOND


class Days:
    """The open intervals of each local date, in microseconds since 1970; dates never overlap."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._zone = plan.zone
        self._usual = [(first, _usual(week)) for first, week in plan.eras()]
        self._exceptions: dict[int, list[int]] = defaultdict(list)
        for day in plan.exceptions():
            self._exceptions[date.fromordinal(day).year].append(day)
        self._intervals: dict[int, Spans] = {}
        self._latest = (0, 0, 0)
        self._sums: dict[int, list[int]] = {}

    def of(self, day: int) -> Spans:
        """The open intervals of a date, sorted, apart from each other."""
        found = self._intervals.get(day)
        if found is None:
            if len(self._intervals) > 5_000:
                self._intervals.clear()
            found = self._intervals[day] = self._compute(day)
        return found

    def at(self, instant: int) -> int:
        """The date whose 24 (or 23, or 25) hours hold an instant."""
        # Most are asked about the present day.
        start, end, day = self._latest
        if start <= instant < end:
            return day
        day = self._find(instant)
        self._latest = self.start(day), self.start(day + 1), day
        return day

    def _find(self, instant: int) -> int:
        day = (EPOCH + timedelta(microseconds=instant)).astimezone(self._zone).toordinal()
        while instant < self.start(day):
            day -= 1
        while instant >= self.start(day + 1):
            day += 1
        return day

    def start(self, day: int) -> int:
        """The instant at which a date begins."""
        return self._instant(day, 0)

    def sums(self, year: int) -> list[int]:
        """Open microseconds from the start of a year to the end of each of its dates."""
        found = self._sums.get(year)
        if found is None:
            if len(self._sums) > 300:
                self._sums.clear()
            found = self._sums[year] = self._add_up(year)
        return found

    def _add_up(self, year: int) -> list[int]:
        first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
        weekday = (first - 1) % 7
        totals: list[int] = []
        for begin, usual in self._usual:
            # What an earlier week said about the days from here on does not hold.
            del totals[max(begin - first, 0) :]
            if begin <= last:
                totals += ((usual[weekday:] + usual[:weekday]) * 53)[len(totals) : last - first + 1]
        unusual = {*clock_changes(self._zone, year), *self._exceptions.get(year, ())}
        unusual.update(self._yearly(year))
        for day in unusual:
            totals[day - first] = sum(end - start for start, end in self.of(day))
        return list(accumulate(totals))

    def _yearly(self, year: int) -> list[int]:
        return [
            date(year, month, day).toordinal()
            for month, day in self._plan.yearly
            if (month, day) != (2, 29) or isleap(year)
        ]

    def _compute(self, day: int) -> Spans:
        earliest, latest = self._instant(day, 0), self._instant(day, DAY)
        intervals = []
        for start, end in self._plan.spans(day):
            # Where the clock is put forward, an end may come before its start: nothing is left then.
            begin = max(self._instant(day, start), earliest)
            finish = min(self._instant(day, end), latest)
            if begin < finish:
                intervals.append((begin, finish))
                earliest = finish
        return tuple(intervals)

    def _instant(self, day: int, second: int) -> int:
        # A time that happens twice is its first; a time that is left out counts on from before the change.
        if second == DAY:
            day, second = day + 1, 0
        local = datetime.fromordinal(day).replace(tzinfo=self._zone)
        if second:
            local += timedelta(seconds=second)
        offset = local.utcoffset() or timedelta()
        return ((day - EPOCH_DAY) * DAY + second) * SECOND - offset // MICROSECOND


def _usual(week: tuple[Spans, ...]) -> list[int]:
    """Open microseconds of each weekday where nothing is out of the ordinary."""
    spans = (within_day(week[weekday], week[weekday - 1]) for weekday in range(7))
    return [sum(end - start for start, end in day) * SECOND for day in spans]


def clock_changes(zone: ZoneInfo, year: int) -> list[int]:
    """The dates of a year that do not have 24 hours in a zone."""
    first = date(year, 1, 1).toordinal()
    return [first + count for count in _clock_changes(zone, _alike(year))]


@lru_cache(maxsize=4_096)
def _clock_changes(zone: ZoneInfo, year: int) -> tuple[int, ...]:
    midnight = datetime(year, 1, 1, tzinfo=zone)
    length = midnight.replace(month=12, day=31).timetuple().tm_yday
    offsets = [(midnight + timedelta(days=count)).utcoffset() for count in range(length + 1)]
    return tuple(count for count in range(length) if offsets[count] != offsets[count + 1])


def _alike(year: int) -> int:
    return year if year <= _LAST_WRITTEN else _ALIKE[_kind(year)]


def _kind(year: int) -> tuple[bool, int]:
    return isleap(year), date(year, 1, 1).weekday()


# Beyond it, zones know only rules by weekday, so that the 14 kinds of years stand for all.
_LAST_WRITTEN = 2100
_ALIKE = {_kind(year): year for year in range(_LAST_WRITTEN + 28, _LAST_WRITTEN, -1)}

"""Dates and times as people read them: in their language, calendar, digits and time zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ahadi.calendars.wording import HALF_A_DAY, Unit, Wording, wording
from ahadi.lib import clock


class When(NamedTuple):
    """A moment in two pieces: a line may break between them, never within `rest`."""

    weekday: str
    rest: str

    def __str__(self) -> str:
        return f"{self.weekday} {self.rest}"


class Remaining(NamedTuple):
    """How far a moment is away: as data, brief for lists ("1 h 12 min") and in words ("in 20 hours")."""

    amount: int
    unit: Unit
    is_late: bool
    brief: str
    words: str

    def __str__(self) -> str:
        return self.words


def long_when(moment: datetime, language: str, time_zone: str | tzinfo, now: datetime | None = None) -> When:
    """Day and time in full: "Wednesday" and "2 December, 11:00"; the year only when it is another one."""
    words, local = wording(language), _local(moment, time_zone)
    rest = _date(local.date(), words, words.months, _today(time_zone, now))
    return When(_weekday(local, words, words.weekdays), f"{rest}{words.before_time}{_clock(local, words)}")


def medium_when(moment: datetime, language: str, time_zone: str | tzinfo, now: datetime | None = None) -> str:
    """Day and time in brief, at any distance: "Mon 30 Nov, 09:12"."""
    words, local = wording(language), _local(moment, time_zone)
    mark = "، " if words.locale == "fa" else ", "
    return f"{_short_day(local.date(), words, _today(time_zone, now))}{mark}{_clock(local, words)}"


def short_when(moment: datetime, language: str, time_zone: str | tzinfo, now: datetime | None = None) -> str:
    """As lists show it: "11:02" today, "Wed 09:30" less than a week away on either side, else "14 Nov"."""
    words, local, today = wording(language), _local(moment, time_zone), _today(time_zone, now)
    day = local.date()
    days_away = day.toordinal() - today.toordinal()
    if not days_away:
        return _clock(local, words)
    if -7 < days_away < 7:
        return f"{words.short_weekdays[day.weekday()]} {_clock(local, words)}"
    return _date(day, words, words.short_months, today)


def long_day(
    moment: datetime | date, language: str, time_zone: str | tzinfo, now: datetime | None = None
) -> str:
    """A day in full: "Wednesday 2 December"."""
    words, day, today = wording(language), _day(moment, time_zone), _today(time_zone, now)
    return f"{_weekday(day, words, words.weekdays)} {_date(day, words, words.months, today)}"


def short_day(
    moment: datetime | date, language: str, time_zone: str | tzinfo, now: datetime | None = None
) -> str:
    """A day in brief: "Wed 2 Dec"."""
    return _short_day(_day(moment, time_zone), wording(language), _today(time_zone, now))


def clock_time(moment: datetime, language: str, time_zone: str | tzinfo) -> str:
    """The time of day on 24 hours: "09:30"."""
    return _clock(_local(moment, time_zone), wording(language))


def both_calendars(
    moment: datetime | date, language: str, time_zone: str | tzinfo, now: datetime | None = None
) -> tuple[str, ...]:
    """A day in full in the reader's calendar, followed by the Gregorian date where that is another one."""
    own = long_day(moment, language, time_zone, now)
    if wording(language).locale != "fa":
        return (own,)
    english = wording("en")
    day, today = _day(moment, time_zone), _today(time_zone, now)
    return own, _date(day, english, english.short_months, today)


def remaining(moment: datetime, now: datetime, language: str) -> Remaining:
    """The time from now to a moment, or how late it is; under a minute is "now"."""
    words = wording(language)
    is_late = moment < now
    minutes = int(abs(moment - now) / timedelta(minutes=1))
    amount, unit = _rounded(minutes)
    if not minutes:
        return Remaining(0, "minute", is_late, words.now, words.now)
    if is_late:
        brief, long = words.late.format(words.brief(minutes)), words.late.format(words.length(amount, unit))
    else:
        brief, long = words.brief(minutes), words.wait(amount, unit)
    return Remaining(amount, unit, is_late, brief, long)


def is_today(moment: datetime | date, time_zone: str | tzinfo, now: datetime | None = None) -> bool:
    """Whether a moment falls on the reader's present day."""
    return days_away(moment, time_zone, now) == 0


def is_tomorrow(moment: datetime | date, time_zone: str | tzinfo, now: datetime | None = None) -> bool:
    """Whether a moment falls on the reader's next day."""
    return days_away(moment, time_zone, now) == 1


def days_away(moment: datetime | date, time_zone: str | tzinfo, now: datetime | None = None) -> int:
    """How many of the reader's days a moment is away, 0 for today."""
    return _day(moment, time_zone).toordinal() - _today(time_zone, now).toordinal()


def week_start(language: str) -> int:
    """The first day of the week, 0 for Monday: Saturday in Persian, Sunday in Hebrew, else Monday."""
    return wording(language).week_start


def weekend(language: str) -> frozenset[int]:
    """The usual days off, 0 for Monday: Friday in Persian, Friday and Saturday in Hebrew."""
    return wording(language).weekend


def digits(text: object, language: str) -> str:
    """A text or number with the digits of the language; never for codes, which stay ASCII."""
    return wording(language).digits(str(text))


def _rounded(minutes: int) -> tuple[int, Unit]:
    # Hours up to two days: "in 30 hours" says more than "in 1 day".
    if minutes < 60:
        return minutes, "minute"
    elif minutes < 4 * HALF_A_DAY - 30:
        return (minutes + 30) // 60, "hour"
    else:
        return (minutes + HALF_A_DAY) // (2 * HALF_A_DAY), "day"


def _weekday(day: date, words: Wording, names: tuple[str, ...]) -> str:
    return f"{names[day.weekday()]}{words.after_weekday}"


def _short_day(day: date, words: Wording, today: date) -> str:
    return f"{_weekday(day, words, words.short_weekdays)} {_date(day, words, words.short_months, today)}"


def _date(day: date, words: Wording, names: tuple[str, ...], today: date) -> str:
    year, month, number = words.date_parts(day)
    shown = f"{number}{words.before_month}{names[month - 1]}"
    if year != words.date_parts(today)[0]:
        shown = f"{shown} {year}"
    return words.digits(shown)


def _clock(local: datetime, words: Wording) -> str:
    return words.digits(f"{local.hour:02}:{local.minute:02}")


def _day(moment: datetime | date, time_zone: str | tzinfo) -> date:
    return _local(moment, time_zone).date() if isinstance(moment, datetime) else moment


def _today(time_zone: str | tzinfo, now: datetime | None) -> date:
    return _local(clock.now() if now is None else now, time_zone).date()


def _local(moment: datetime, time_zone: str | tzinfo) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("A moment needs a time zone.")
    return moment.astimezone(_zone(time_zone) if isinstance(time_zone, str) else time_zone)


@lru_cache(maxsize=1_024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)

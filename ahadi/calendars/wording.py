"""How five languages write days, times and waits: names from CLDR, Persian months from jdatetime."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

import jdatetime
from babel.dates import format_timedelta, get_day_names, get_month_names

Unit = Literal["minute", "hour", "day"]
UNITS: dict[Unit, timedelta] = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}
HALF_A_DAY = 12 * 60
MON, FRI, SAT, SUN = 0, 4, 5, 6
PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


@dataclass(frozen=True, slots=True)
class Wording:
    """The words and patterns of one language; weekdays count from Monday, months from 0."""

    locale: str
    weekdays: tuple[str, ...]
    short_weekdays: tuple[str, ...]
    months: tuple[str, ...]
    short_months: tuple[str, ...]
    week_start: int
    weekend: frozenset[int]
    after_weekday: str
    before_month: str
    before_time: str
    hour: str
    minute: str
    and_: str
    padded: bool
    ahead: str
    late: str
    now: str
    date_parts: Callable[[date], tuple[int, int, int]]
    digits: Callable[[str], str]

    def wait(self, amount: int, unit: Unit) -> str:
        """An amount of time to come: "in 20 hours"."""
        if self.ahead:
            return self.ahead.format(self.length(amount, unit))
        return _in_words(amount, unit, self.locale, ahead=True)

    def length(self, amount: int, unit: Unit) -> str:
        """An amount of time: "20 hours"."""
        words = _in_words(amount, unit, self.locale, ahead=False)
        # Hebrew says "hour" for one hour.
        return words.removeprefix("1 ") if self.locale == "he" else self.digits(words)

    def brief(self, minutes: int) -> str:
        """A length for lists: "22 min", "1 h 06 min", "1 day 4 h", "3 days"."""
        hours, rest = divmod(minutes, 60)
        if hours >= 48:
            return self.length((minutes + HALF_A_DAY) // (2 * HALF_A_DAY), "day")
        if hours >= 24:
            return self._joined(self.length(1, "day"), hours - 24, self.hour)
        if not hours:
            return self.digits(self.minute.format(rest))
        tail = f"{rest:02}" if self.padded and rest else rest
        return self.digits(self._joined(self.hour.format(hours), tail, self.minute))

    def _joined(self, head: str, amount: int | str, pattern: str) -> str:
        return self.digits(f"{head}{self.and_}{pattern.format(amount)}" if amount else head)


@lru_cache(maxsize=256)
def wording(language: str) -> Wording:
    """The wording of a language code such as fa or fa-ir; English for a language that is not spoken here."""
    return _ALL.get(language.replace("_", "-").partition("-")[0].lower(), _ALL["en"])


@lru_cache(maxsize=2_048)
def _in_words(amount: int, unit: Unit, locale: str, *, ahead: bool) -> str:
    # The threshold is out of reach, so that the unit asked for is the one that is used.
    return format_timedelta(
        amount * UNITS[unit], granularity=unit, threshold=1e9, add_direction=ahead, locale=locale
    )


@lru_cache(maxsize=2_048)
def _jalali(day: date) -> tuple[int, int, int]:
    found = jdatetime.date.fromgregorian(date=day)
    return found.year, found.month, found.day


def _gregorian(day: date) -> tuple[int, int, int]:
    return day.year, day.month, day.day


def _persian(text: str) -> str:
    return text.translate(PERSIAN_DIGITS)


def _unchanged(text: str) -> str:
    return text


def _weekdays(width: Literal["wide", "abbreviated"], locale: str) -> tuple[str, ...]:
    names = get_day_names(width, locale=locale)
    return tuple(names[index] for index in range(7))


def _months(width: Literal["wide", "abbreviated"], locale: str) -> tuple[str, ...]:
    names = get_month_names(width, locale=locale)
    return tuple(names[index] for index in range(1, 13))


def _make(
    locale: str,
    *,
    hour: str,
    minute: str,
    late: str,
    now: str,
    ahead: str = "",
    week_start: int = MON,
    weekend: frozenset[int] = frozenset({SAT, SUN}),
    after_weekday: str = ",",
    before_month: str = " ",
    and_: str = " ",
    padded: bool = False,
) -> Wording:
    is_persian = locale == "fa"
    persian_months = tuple(jdatetime.date.j_months_fa)
    return Wording(
        locale=locale,
        weekdays=_weekdays("wide", locale),
        short_weekdays=_weekdays("abbreviated", locale),
        months=persian_months if is_persian else _months("wide", locale),
        short_months=persian_months if is_persian else _months("abbreviated", locale),
        week_start=week_start,
        weekend=weekend,
        after_weekday=after_weekday,
        before_month=before_month,
        before_time="، ساعت " if is_persian else ", ",
        hour=hour,
        minute=minute,
        and_=and_,
        padded=padded,
        ahead=ahead,
        late=late,
        now=now,
        date_parts=_jalali if is_persian else _gregorian,
        digits=_persian if is_persian else _unchanged,
    )


# English is written with the day before the month and on 24 hours, as everywhere the five languages meet.
# Swahili stays on 24 hours too: its own count begins at six in the morning.
_ALL = {
    "en": _make(
        "en_GB", hour="{} h", minute="{} min", late="{} late", now="now", after_weekday="", padded=True
    ),
    "fa": _make(
        "fa",
        hour="{} ساعت",
        minute="{} دقیقه",
        # CLDR wavers between two words here; this one is what people say of a wait.
        ahead="{} دیگر",
        late="{} دیر",
        now="اکنون",
        week_start=SAT,
        weekend=frozenset({FRI}),
        after_weekday="",
        and_=" و ",
    ),
    "he": _make(
        "he",
        hour="{} שע׳",
        minute="{} דק׳",
        late="באיחור של {}",
        now="עכשיו",
        week_start=SUN,
        weekend=frozenset({FRI, SAT}),
        before_month=" ב",
        and_=" ו־",
    ),
    "ro": _make("ro", hour="{} h", minute="{} min", late="cu {} întârziere", now="acum", padded=True),
    "sw": _make("sw", hour="saa {}", minute="dak {}", late="imechelewa {}", now="sasa hivi"),
}

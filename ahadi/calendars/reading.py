"""Days as people write them: numbers, names of months in many languages, the Persian calendar, weekdays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import jdatetime
from babel import Locale

from ahadi.lib.folding import fold

# Languages whose names of months and weekdays are known; Persian in both calendars.
LOCALES = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "ro", "pl", "cs", "sk", "hu", "sv", "da", "nb", "fi", "et"),
    *("lv", "lt", "tr", "ru", "uk", "bg", "el", "he", "fa", "ar", "sw", "id", "vi", "hr", "sl", "sr"),
)
# A year of the Persian calendar, against one of the Gregorian.
PERSIAN_YEARS = range(1300, 1500)
# Without a year, the nearest day of that name is meant.
AHEAD, AGO = timedelta(days=200), timedelta(days=166)

_NUMBERS = re.compile(
    r"(?<![\d.:/])(?<!\d-)(?:(?P<y>\d{4})[./-](?P<m>\d{1,2})[./-](?P<d>\d{1,2})"
    r"|(?P<a>\d{1,2})(?P<mark>[./-])(?P<b>\d{1,2})(?:(?P=mark)(?P<year>\d{4}|\d{2}(?!\d)))?)(?![\d:]|[./-]\d)"
)


# "Monday, 14 December" is one day.
_DATE_FOLLOWS = re.compile(r",?\s{0,3}(?:the |den |dem |el |le |de |tarehe )?(?:\d|[^\W\d]{3,12}\.? \d{1,2})")


class Named(NamedTuple):
    """A day and where in the folded text it stands."""

    start: int
    end: int
    day: date


def days_in(text: str, today: date) -> list[Named]:
    """Every day that is named in a folded text, in the order of the text."""
    found = [*_with_months(text, today), *_with_numbers(text, today), *_with_weekdays(text, today)]
    kept: list[Named] = []
    for named in sorted(found, key=lambda named: (named.start, -named.end)):
        if not kept or named.start >= kept[-1].end:
            kept.append(named)
    return kept


def _with_months(text: str, today: date) -> Iterator[Named]:
    for pattern in _months_patterns():
        for found in pattern.finditer(text):
            month, is_persian = _months()[found["name"]]
            year = int(found["year"]) if found["year"] else None
            if day := _day(year, month, int(found["day"]), today, is_persian):
                yield Named(found.start(), found.end(), day)


def _with_numbers(text: str, today: date) -> Iterator[Named]:
    for found in _NUMBERS.finditer(text):
        if found["y"]:
            given = int(found["y"]), int(found["m"]), int(found["d"])
            day = _day(*given, today, given[0] in PERSIAN_YEARS)
        else:
            day = _in_either_order(found, today)
        if day:
            yield Named(found.start(), found.end(), day)


def _in_either_order(found: re.Match[str], today: date) -> date | None:
    first, second = int(found["a"]), int(found["b"])
    year = int(found["year"]) if found["year"] else None
    if year is not None and year < 100:
        year += 2000
    # The day stands first nearly everywhere; where it cannot, it is the American order.
    return _day(year, second, first, today) or _day(year, first, second, today)


def _with_weekdays(text: str, today: date) -> Iterator[Named]:
    for found in _weekdays_pattern().finditer(text):
        if not _DATE_FOLLOWS.match(text, found.end()):
            ahead = (_weekdays()[found[1]] - today.weekday()) % 7 or 7
            yield Named(found.start(), found.end(), today + timedelta(days=ahead))


def _day(year: int | None, month: int, day: int, today: date, is_persian: bool = False) -> date | None:
    this = int(jdatetime.date.fromgregorian(date=today).year) if is_persian else today.year
    for candidate in [year] if year else [this, this + 1, this - 1]:
        try:
            made = _made(candidate, month, day, is_persian)
        except ValueError:
            continue
        if year or -AGO < made - today < AHEAD:
            return made
    return None


def _made(year: int, month: int, day: int, is_persian: bool) -> date:
    if is_persian:
        made: date = jdatetime.date(year, month, day).togregorian()
        return made
    return date(year, month, day)


@cache
def _months() -> dict[str, tuple[int, bool]]:
    """Folded names of months, with whether they are of the Persian calendar."""
    names: dict[str, tuple[int, bool]] = {}
    for code in LOCALES:
        for form in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in Locale(code).months[form][width].items():
                    plain = fold(name).strip(".")
                    if len(plain) > 2 and not plain.isdecimal():
                        names.setdefault(plain, (number, False))
    for number, name in enumerate(jdatetime.date.j_months_fa, 1):
        names[fold(name)] = number, True
    return names


@cache
def _months_patterns() -> list[re.Pattern[str]]:
    name = f"(?P<name>{_either(_months())})"
    year = r"(?:\.?,?\s{0,3}(?:de |del )?(?P<year>\d{4})(?!\d))?"
    ending = r"(?:st|nd|rd|th|er|º|ª|\.|-)?\s{0,3}(?:of |de |di |ta |ב|ماه )?"
    return [
        re.compile(rf"(?<!\w)(?P<day>\d{{1,2}}){ending}{name}(?!\w){year}"),
        re.compile(rf"(?<!\w){name}\.?\s{{1,3}}(?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\w:]){year}"),
    ]


@cache
def _weekdays() -> dict[str, int]:
    """Folded names of weekdays, Monday as 0."""
    return {
        fold(name): number
        for code in LOCALES
        for form in ("format", "stand-alone")
        for number, name in Locale(code).days[form]["wide"].items()
        if len(name) > 3
    }


@cache
def _weekdays_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)[בה]?({_either(_weekdays())})(?!\w)")


def _either(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))

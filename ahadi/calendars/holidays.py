"""Public holidays as a suggestion: an administrator confirms each list, nothing applies itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import holidays
from babel.core import get_global

from ahadi.calendars.plan import CalendarError

# In this month the holidays of the next year are asked for: calendars of the coming year are made then.
ASKED_FROM = 10


def suggest(country: str, years: Iterable[int], language: str) -> dict[date, str]:
    """The public holidays of a country such as RO, in order, named in a language where names exist."""
    try:
        entry = holidays.country_holidays(country.upper())
    except NotImplementedError:
        raise CalendarError("country", f"there is no list of holidays for “{country}”") from None
    name = _closest(language, entry.supported_languages, entry.default_language)
    found = holidays.country_holidays(country.upper(), years=sorted(set(years)), language=name)
    return dict(sorted(found.items()))


def country_of(zone: str) -> str:
    """The country that has this clock; empty where a clock belongs to none, or no list is known."""
    country = str(get_global("zone_territories").get(zone) or "")
    return country if country in holidays.list_supported_countries() else ""


def unconfirmed(confirmed: Iterable[str], today: date) -> int | None:
    """The year whose holidays somebody has to look at: they move, and nobody has confirmed one of them.

    Dates are written 2026-03-21; one of every year (--12-25) says nothing about those that move.
    """
    years = {day[:4] for day in confirmed}
    asked = [today.year, today.year + 1] if today.month >= ASKED_FROM else [today.year]
    return next((year for year in asked if str(year) not in years), None)


def _closest(language: str, known: Iterable[str], default: str | None) -> str | None:
    """The code among the known ones for a language, else for English, else the country's own."""
    for wanted in (_base(language), "en"):
        # The country's own variant first: en_GB before en_US.
        for code in (default or "", *known):
            if _base(code) == wanted:
                return code
    return default


def _base(code: str) -> str:
    return code.replace("-", "_").partition("_")[0].lower()

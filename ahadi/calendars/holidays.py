"""Public holidays as a suggestion: an administrator confirms each list, nothing applies itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import holidays

from ahadi.calendars.plan import CalendarError


def suggest(country: str, years: Iterable[int], language: str) -> dict[date, str]:
    """The public holidays of a country such as RO, in order, named in a language where names exist."""
    try:
        entry = holidays.country_holidays(country.upper())
    except NotImplementedError:
        raise CalendarError("country", f"there is no list of holidays for “{country}”") from None
    name = _closest(language, entry.supported_languages, entry.default_language)
    found = holidays.country_holidays(country.upper(), years=sorted(set(years)), language=name)
    return dict(sorted(found.items()))


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

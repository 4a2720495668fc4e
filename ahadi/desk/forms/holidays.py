"""Of which country and year public holidays are suggested."""

from __future__ import annotations

from functools import cache

import holidays
from babel import Locale
from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ahadi.calendars.plan import FIRST_YEAR, LAST_YEAR
from ahadi.lib import clock


@cache
def _countries(language: str) -> list[tuple[str, str]]:
    names = Locale.parse(language).territories
    known = [
        (code, names.get(code, code)) for code in holidays.list_supported_countries(include_aliases=False)
    ]
    return sorted(known, key=lambda country: country[1])


def countries() -> list[tuple[str, str]]:
    """Every country whose holidays are known, named in the reader's language."""
    return _countries(get_language() or "en")


def this_year() -> int:
    """The year it is."""
    return clock.now().year


class CountryForm(forms.Form):
    """A country and a year."""

    country = forms.ChoiceField(label=_("Country"), choices=countries)
    year = forms.IntegerField(
        label=_("Year"), min_value=FIRST_YEAR, max_value=LAST_YEAR - 1, initial=this_year, localize=False
    )

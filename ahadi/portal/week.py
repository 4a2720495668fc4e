"""The opening hours of a week as people read them: days with the same times stand together."""

from __future__ import annotations

from itertools import groupby

from babel.dates import get_day_names
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ahadi.calendars import dates
from ahadi.people.models import WorkingHours

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def rows(hours: WorkingHours) -> list[tuple[str, list[str]]]:
    """Days, such as "Monday – Friday", with their times; closed days are left out."""
    language = translation.get_language() or "en"
    names = get_day_names("wide", locale=language)
    start = dates.week_start(language)
    order = [(start + place) % 7 for place in range(7)]
    found = []
    for times, group in groupby(order, key=lambda day: _times(hours, day, language)):
        days = list(group)
        if times:
            found.append((_days(names[days[0]], names[days[-1]], len(days)), list(times)))
    return found


def _days(first: str, last: str, count: int) -> str:
    if count == 1:
        return first
    return _("%(first)s to %(last)s") % {"first": first, "last": last}


def _times(hours: WorkingHours, day: int, language: str) -> tuple[str, ...]:
    spans = hours.hours.get(DAYS[day], [])
    said = pgettext("opening hours", "%(begin)s–%(end)s")
    return tuple(dates.digits(said % {"begin": begin, "end": end}, language) for begin, end in spans)

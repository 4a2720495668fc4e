"""Values as the reader of a page reads them: in the reader's language, calendar and time zone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, tzinfo
from typing import Any

import jinja2
from babel.numbers import format_decimal
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from markupsafe import Markup

from ahadi.calendars import dates
from ahadi.lib import clock
from ahadi.people import devices

KILO = 1024
# How a plain text sets an address or an example apart: LRI, RLI, FSI … PDI.
ISOLATES = ("\u2066", "\u2067", "\u2068")
_ISOLATED = re.compile("([\u2066-\u2068][^\u2066-\u2069]*\u2069)")


def when(moment: datetime) -> Markup:
    """\"Wednesday, 2 December, 11:00\", breaking only between the weekday and the rest."""
    weekday, rest = dates.long_when(moment, _language(), _zone())
    return Markup('{} <span class="nowrap">{}</span>').format(weekday, rest)


def plain_when(moment: datetime) -> str:
    """The same in plain text, for titles and labels."""
    return str(dates.long_when(moment, _language(), _zone()))


def medium_when(moment: datetime) -> str:
    """\"Mon, 30 Nov, 09:12\"."""
    return dates.medium_when(moment, _language(), _zone())


def short_when(moment: datetime) -> str:
    """\"11:02\" today, \"Wed 09:30\" this week, \"14 Nov\" else."""
    return dates.short_when(moment, _language(), _zone())


def short_due(moment: datetime) -> str:
    """\"today 14:30\", \"tomorrow 09:00\", else day and time in brief."""
    language, zone = _language(), _zone()
    days = dates.days_away(moment, zone)
    if days == 0:
        return _("today %(time)s") % {"time": dates.clock_time(moment, language, zone)}
    if days == 1:
        return _("tomorrow %(time)s") % {"time": dates.clock_time(moment, language, zone)}
    return dates.medium_when(moment, language, zone)


def day(moment: datetime | date) -> str:
    """\"Wednesday, 2 December\"."""
    return dates.long_day(moment, _language(), _zone())


def short_day(moment: datetime | date) -> str:
    """\"Wed, 2 Dec\"."""
    return dates.short_day(moment, _language(), _zone())


def clock_time(moment: datetime) -> str:
    """\"11:00\"."""
    return dates.clock_time(moment, _language(), _zone())


def remaining(moment: datetime) -> str:
    """\"in 20 hours\" before the moment, \"22 minutes late\" after it."""
    return dates.remaining(moment, clock.now(), _language()).words


def remaining_brief(moment: datetime) -> str:
    """\"1 h 12 min\" before the moment, \"22 min late\" after it."""
    return dates.remaining(moment, clock.now(), _language()).brief


def code(number: str) -> Markup:
    """A tracking code, set apart from the text's direction."""
    return Markup('<bdi dir="ltr" class="code">{}</bdi>').format(number)


def isolate(text: object) -> Markup:
    """A name, address or title that keeps its own direction inside a sentence."""
    return Markup("<bdi>{}</bdi>").format(text)


def ltr(text: object) -> Markup:
    """An address or number that is read from left to right in every language."""
    return Markup('<bdi dir="ltr">{}</bdi>').format(text)


def filesize(size: int) -> str:
    """\"1.2 MB\", in the reader's digits and with their decimal sign."""
    if size < KILO:
        return ngettext("%(size)s byte", "%(size)s bytes", size) % {"size": number(size)}
    if size < KILO**2:
        return _("%(size)s KB") % {"size": _decimal(size / KILO)}
    return _("%(size)s MB") % {"size": _decimal(size / KILO**2)}


def other_calendar(moment: datetime | date) -> tuple[str, ...]:
    """The Gregorian day for readers of another calendar, else nothing."""
    return dates.both_calendars(moment, _language(), _zone())[1:]


def initials(name: str) -> str:
    """At most two letters for a face without a picture."""
    words = [word for word in str(name).replace("\u200c", " ").split() if word[0].isalpha()]
    if not words:
        return "?"
    # Hebrew and Arabic initials would read as a word: one letter is enough there.
    if len(words) == 1 or words[0][0] >= "\u0590":
        return words[0][0].upper()
    return (words[0][0] + words[-1][0]).upper()


# With the context, or Jinja2 would answer a constant once for every language.
@jinja2.pass_context
def digits(context: jinja2.runtime.Context, text: object) -> str:
    """Numbers in the digits of the reader's language."""
    return dates.digits(text, _language())


def prose(text: object) -> str:
    """A sentence with its numbers in the reader's digits; what stands isolated in it keeps its own."""
    return "".join(
        piece if piece.startswith(ISOLATES) else dates.digits(piece, _language())
        for piece in _ISOLATED.split(str(text))
    )


def number(value: float) -> str:
    """A whole number in the digits of the reader's language."""
    return dates.digits(int(value), _language())


def _language() -> str:
    return translation.get_language() or "en"


def _decimal(value: float) -> str:
    return dates.digits(format_decimal(value, "#,##0.#", _language()), _language())


def _zone() -> tzinfo:
    return timezone.get_current_timezone()


ALL: dict[str, Callable[..., Any]] = {
    "when": when,
    "plain_when": plain_when,
    "medium_when": medium_when,
    "short_when": short_when,
    "short_due": short_due,
    "day": day,
    "short_day": short_day,
    "clock_time": clock_time,
    "remaining": remaining,
    "remaining_brief": remaining_brief,
    "code": code,
    "isolate": isolate,
    "other_calendar": other_calendar,
    "initials": initials,
    "digits": digits,
    "prose": prose,
    "ltr": ltr,
    "filesize": filesize,
    "device": devices.describe,
}

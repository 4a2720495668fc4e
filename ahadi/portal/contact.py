"""The first page: how to reach a person, and what a message sent now would get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from ahadi.calendars import CalendarError
from ahadi.lib import clock
from ahadi.people.models import Company, Team, WorkingHours
from ahadi.portal import pages, week
from ahadi.reports import usual, waits
from ahadi.reports.models import Usual
from ahadi.reports.waits import Wait
from ahadi.routing import waiting
from ahadi.routing.models import Ring
from ahadi.tickets import targets
from ahadi.ui import drawn, filters


@dataclass(frozen=True)
class Hours:
    """Whether somebody is there, and if not, why and until when."""

    is_open: bool
    until: datetime | None
    opens: datetime | None
    holiday: str | None


@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    """Every way to reach a person, and the truth about each."""
    working = Company.current().working_hours
    context = {
        "due": answer_due(),
        "hours": hours(working),
        "week": week.rows(working),
        "company_place": pages.place(working.time_zone),
        "told": told,
        "tell_usual": usual.tell_answer,
        "wait": _measured("wait", waits.comparable),
        "usual": _measured("usual", _usual),
        "calls": _measured("calls", lambda: waiting.measured(Ring.Cause.CALL)),
        "told_calls": told_calls,
    }
    return pages.show(request, "contact", context)


def told(wait: Wait) -> str:
    """What was measured in the last comparable hour, in the reader's words."""
    given = {
        "day": filters.day(wait.begin),
        "begin": filters.clock_time(wait.begin),
        "end": filters.clock_time(wait.end),
        "wait": usual.length(wait.half),
        "num": filters.number(wait.requests),
    }
    said = ngettext(
        "%(day)s, %(begin)s to %(end)s: the one request was answered after %(wait)s.",
        "%(day)s, %(begin)s to %(end)s: half of %(num)s requests were answered within %(wait)s.",
        wait.requests,
    )
    return said % given


def told_calls(found: waiting.Measured) -> str:
    """How soon people were called in the last thirty days, in the reader's words."""
    said = ngettext(
        "In the last 30 days %(num)s person was called, within %(long)s.",
        "In the last 30 days %(num)s people were called: half of them within %(half)s, nine of ten within"
        " %(long)s.",
        found.number,
    )
    given = {"num": filters.number(found.number), "half": usual.length(found.half)}
    return said % {**given, "long": usual.length(found.long)}


def _measured(name: str, measure: Callable[[], Any]) -> Any:
    """What is measured once an hour for everybody; nothing found is kept as well."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    return drawn.kept.keep(f"portal.{name}", hour, lambda: (measure(),))[0]


def _usual() -> Usual | None:
    return usual.find((), Usual.Measure.ANSWER)


def answer_due() -> datetime | None:
    """When a message that is sent now is answered; None for a company that never opens."""
    try:
        return targets.answer_due(Team.objects.order_by("pk").first(), clock.now())
    except CalendarError:
        return None


def hours(working: WorkingHours) -> Hours:
    """The truth about the opening hours now."""
    calendar, now = working.calendar, clock.now()
    is_open = calendar.is_open(now)
    return Hours(
        is_open=is_open,
        until=calendar.next_closing(now) if is_open else None,
        opens=None if is_open else calendar.next_opening(now),
        holiday=calendar.closed_because(now),
    )


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Where to tell about a weakness (RFC 9116)."""
    until = (clock.now() + timedelta(days=180)).replace(microsecond=0)
    lines = [
        f"Contact: mailto:{pages.company_mail()}",
        f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(code for code, _name in settings.LANGUAGES)}",
        f"Canonical: {settings.AHADI_URL}/.well-known/security.txt",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")

"""The first page: how to reach a person, and what a message sent now would get."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ahadi.calendars import CalendarError
from ahadi.lib import clock
from ahadi.people.models import Company, Team, WorkingHours
from ahadi.portal import pages, week
from ahadi.tickets import targets


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
    }
    return pages.show(request, "contact", context)


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

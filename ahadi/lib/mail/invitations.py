"""Calendar files to what a person wants to know of them; nothing is ever accepted by itself."""

from __future__ import annotations

import warnings
from datetime import date, datetime
from typing import Any

from icalendar import Calendar

from ahadi.lib.mail.message import Invitation

# What the library finds odd in a stranger's file is nobody's concern.
warnings.filterwarnings("ignore", module=r"icalendar(\.|$)")

MAX_CALENDAR = 200_000
MAX_TEXT = 300


def read(content: bytes) -> Invitation | None:
    """The first event of a calendar file, or None when there is none that can be read."""
    if len(content) > MAX_CALENDAR or b"BEGIN:VEVENT" not in content.upper():
        return None
    try:
        calendars = Calendar.from_ical(_plain(content), multiple=True)
        events = [(event, calendar) for calendar in calendars for event in calendar.walk("VEVENT")]
        if not events:
            return None
        event, calendar = events[0]
        return _invitation(event, len(events) - 1, _said(calendar, "METHOD"))
    except Exception:  # The file itself stays; a card is only a convenience.
        return None


def _plain(content: bytes) -> str:
    return content.decode("utf-8", "replace").replace("\x00", "").lstrip("\ufeff\r\n ")


def _invitation(event: Any, more: int, method: str) -> Invitation:
    start, end = _moment(event, "DTSTART"), _moment(event, "DTEND")
    organiser = event.get("ORGANIZER")
    address = str(organiser or "").strip()
    email = address[7:] if address.lower().startswith("mailto:") else ""
    return Invitation(
        summary=_said(event, "SUMMARY"),
        start=start.isoformat() if start else "",
        end=end.isoformat() if end else "",
        zone=_zone(event, start),
        is_all_day=start is not None and not isinstance(start, datetime),
        place=_said(event, "LOCATION"),
        organiser=_cut(str(getattr(organiser, "params", {}).get("CN", ""))),
        organiser_email=_cut(email),
        is_cancelled="CANCEL" in method.upper() or _said(event, "STATUS").upper() == "CANCELLED",
        more=more,
    )


def _moment(event: Any, name: str) -> date | None:
    found = getattr(event.get(name), "dt", None)
    return found if isinstance(found, date) else None


def _zone(event: Any, start: date | None) -> str:
    """The name of the zone that was written, and none where the moment is told in UTC."""
    if not isinstance(start, datetime) or start.tzinfo is None:
        return ""
    written = str(getattr(event.get("DTSTART"), "params", {}).get("TZID", ""))
    return _cut(getattr(start.tzinfo, "key", "") or written) if written else ""


def _said(component: Any, name: str) -> str:
    value = component.get(name)
    return _cut(str(value[0] if isinstance(value, list) and value else value or ""))


def _cut(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:MAX_TEXT]

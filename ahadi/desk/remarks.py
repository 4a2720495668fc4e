"""What a mail brought besides words and files: a calendar card, a seal, far pictures, other mails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ahadi.calendars import dates


@dataclass(frozen=True, slots=True)
class Card:
    """An invitation as its reader wants it: their zone and calendar first, the writer's beside it."""

    title: str
    when: str
    also: tuple[str, ...]
    place: str
    organiser: str
    organiser_email: str
    is_cancelled: bool
    more: str


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A mail that is attached, to be read in its place; `when` is empty where it does not say."""

    subject: str
    sender: str
    sender_email: str
    to: str
    when: str
    text: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remarks:
    """All of it together; what is not there is empty."""

    card: Card | None = None
    enclosed: tuple[Enclosed, ...] = ()
    seal: str = ""
    is_sealed: bool = False
    has_pictures: bool = False


def read(data: dict[str, Any]) -> Remarks | None:
    """What there is to say, or None: most mails bring nothing."""
    seal, event = data.get("seal", ""), data.get("invitation")
    enclosed = data.get("enclosed", ())
    if not (seal or event or enclosed or data.get("pictures")):
        return None
    return Remarks(
        card=_card(event) if event else None,
        enclosed=tuple(map(_enclosed, enclosed)),
        seal=_seal(seal),
        is_sealed=seal.startswith("encrypted"),
        has_pictures=bool(data.get("pictures")),
    )


def _seal(seal: str) -> str:
    if seal.startswith("encrypted"):
        return _(
            "This mail is encrypted, and no key of ours opens it. Its parts are attached as they came; "
            "ask for the words through the secure form."
        )
    return _("This mail is signed. The signature was not verified.") if seal else ""


def _enclosed(mail: dict[str, Any]) -> Enclosed:
    sent = _moment(mail.get("date", ""))
    return Enclosed(
        subject=mail.get("subject", "") or _("No subject"),
        sender=mail.get("sender", ""),
        sender_email=mail.get("sender_email", ""),
        to=mail.get("to", ""),
        when=_when(sent, None),
        text=mail.get("text", ""),
        files=tuple(mail.get("files", ())),
    )


def _card(event: dict[str, Any]) -> Card:
    start, end = _moment(event.get("start", "")), _moment(event.get("end", ""))
    more = int(event.get("more", 0))
    return Card(
        title=event.get("summary", "") or _("An appointment without a title"),
        when=_when(start, end),
        also=_also(start, event.get("zone", "")),
        place=event.get("place", ""),
        organiser=event.get("organiser", ""),
        organiser_email=event.get("organiser_email", ""),
        is_cancelled=bool(event.get("is_cancelled")),
        more=ngettext(
            "The file holds %(num)s more appointment.", "The file holds %(num)s more appointments.", more
        )
        % {"num": dates.digits(more, _language())}
        if more
        else "",
    )


def _moment(written: str) -> date | None:
    """A day, or a moment with its offset; one without is meant where the reader is."""
    try:
        if len(written) == 10:
            return date.fromisoformat(written)
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=_zone())


def _when(start: date | None, end: date | None) -> str:
    if start is None:
        return ""
    language, zone = _language(), _zone()
    if not isinstance(start, datetime):
        return dates.long_day(start, language, zone)
    begins = str(dates.long_when(start, language, zone))
    if not isinstance(end, datetime) or end <= start:
        return begins
    is_same_day = start.astimezone(zone).date() == end.astimezone(zone).date()
    ends = dates.clock_time(end, language, zone) if is_same_day else str(dates.long_when(end, language, zone))
    return _("%(start)s to %(end)s") % {"start": begins, "end": ends}


def _also(start: date | None, written_zone: str) -> tuple[str, ...]:
    """The other calendar where the reader has one, and the hour in the zone of whoever wrote."""
    if start is None:
        return ()
    found = list(dates.both_calendars(start, _language(), _zone())[1:])
    if (
        isinstance(start, datetime)
        and written_zone
        and start.utcoffset() != start.astimezone(_zone()).utcoffset()
    ):
        place = _place(written_zone)
        time = dates.clock_time(start, _language(), start.tzinfo or _zone())
        found.append(_("%(time)s in %(zone)s") % {"time": time, "zone": f"\u2068{place}\u2069"})
    return tuple(found)


def _place(zone: str) -> str:
    """ "Asia/Tehran" is a place to people; other names are shown as they were written."""
    try:
        return ZoneInfo(zone).key.rpartition("/")[2].replace("_", " ")
    except (KeyError, ValueError, OSError):
        return zone


def _language() -> str:
    return translation.get_language() or "en"


def _zone() -> tzinfo:
    return timezone.get_current_timezone()

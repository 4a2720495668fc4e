"""What every page here shares: where the company is reached, whose clock it tells, that nobody keeps it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from babel.dates import get_timezone_location
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from markupsafe import Markup

from ahadi.channels import inboxes
from ahadi.channels.models import Inbox
from ahadi.lib.html import text_to_html, to_text
from ahadi.lib.markup import to_html
from ahadi.tickets import erased, pictures
from ahadi.tickets.models import Attachment, Entry
from ahadi.ui.middleware import TIME_ZONE_COOKIE, time_zone_of


def show(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """A page of the portal."""
    shared = {
        "mail": company_mail(),
        "place": place(),
        "is_own_zone": _tells_zone(request),
        "words_of": words_of,
        "files_of": files_of,
        "as_html": as_html,
        "promised_in": promised_in,
        "erased": erased.sentence,
    }
    return render(request, f"portal/{template}.html", {**shared, **(context or {})}, status=status)


def private(response: HttpResponse) -> HttpResponse:
    """A page about one person's matter: not kept, not found by search engines, its address not passed on."""
    response["Cache-Control"] = "no-store, private"
    # With "no-referrer" browsers post the page's own forms from nowhere, and the CSRF check refuses them.
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def company_mail() -> str:
    """The one address for everything."""
    inbox = Inbox.objects.filter(is_active=True).first() or inboxes.unnamed()
    return inbox.address


def words_of(entry: Entry) -> Markup:
    """What was written, as text: HTML from strangers is never part of a page of ours."""
    if gone := erased.sentence(entry.words.data):
        return as_html(gone)
    words = entry.words.shown_text
    if not words.strip() and entry.words.html:
        words = to_text(entry.words.html)
    if entry.kind == Entry.Kind.REPLY and not entry.automatic:
        # What agents write may be bold or a list; every character of it is escaped.
        inside = pictures.shown(words, entry.attachments.all()) if "![" in words else []
        places = {file.name: reverse("portal:file", args=[entry.ticket.number, file.pk]) for file in inside}
        return Markup(to_html(words, places))  # noqa: S704
    return as_html(words)


def files_of(entry: Entry) -> list[Attachment]:
    """The files that are listed below the words; pictures of ours between them are not."""
    files = list(entry.attachments.all())
    is_ours = entry.kind == Entry.Kind.REPLY and not entry.automatic
    inside = pictures.shown(entry.words.shown_text, files) if is_ours else []
    return [file for file in files if file not in inside]


def as_html(words: str) -> Markup:
    """Words with their lines and links."""
    # text_to_html escapes every character of the words.
    return Markup(text_to_html(words))  # noqa: S704


def promised_in(entry: Entry) -> datetime | None:
    """The time that a confirmation gave, told again by the reader's own clock."""
    given = entry.words.data.get("due")
    return datetime.fromisoformat(given) if given else None


def place(zone: str = "") -> str:
    """The city of a time zone, else of the clock the page tells, in the reader's language."""
    name = zone or timezone.get_current_timezone_name()
    city = get_timezone_location(name, locale=translation.get_language() or "en", return_city=True)
    return city.rpartition("/")[2]


def _tells_zone(request: HttpRequest) -> bool:
    told = request.COOKIES.get(TIME_ZONE_COOKIE, "").replace("%2F", "/")
    return bool(told) and told == time_zone_of(request)

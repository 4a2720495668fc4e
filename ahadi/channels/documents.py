"""Files and mails from strangers as a browser may have them: never as a page of this site, never active."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import TypeVar

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header

from ahadi.channels.models import RawMessage
from ahadi.lib import store
from ahadi.lib.html import clean, text_to_html
from ahadi.tickets.models import Attachment, Entry

Answer = TypeVar("Answer", bound=HttpResponseBase)

# Pictures that browsers draw without running anything; SVG is a program and is only downloaded.
PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
# Above this the pictures inside a mail are offered as files only.
LARGEST_PICTURES = 8 * 1024 * 1024

LOCKED = "default-src 'none'; sandbox; frame-ancestors 'self'"
LOCKED_HTML = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
# Without a style sheet of its own a mail would be set in the browser's smallest Latin type.
SHEET = (
    "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<meta name=color-scheme content=light><style>body{margin:12px;font:16px/1.6 Rubik,Vazirmatn,Tahoma,"
    "sans-serif;overflow-wrap:anywhere;background:#fff;color:#17212b}img{max-inline-size:100%;block-size:auto}"
    "table{max-inline-size:100%}blockquote{margin-inline:0;padding-inline-start:12px;"
    "border-inline-start:3px solid #dce1e5}</style>"
)


def attachment_response(attachment: Attachment) -> HttpResponseBase:
    """A file to keep; a plain picture may be looked at."""
    is_picture = attachment.content_type.lower() in PICTURES
    response = FileResponse(
        store.open_file(attachment.sha256),
        content_type=attachment.content_type.lower() if is_picture else "application/octet-stream",
    )
    response["Content-Length"] = str(attachment.size)
    # Not every program that saves a file drops the folders that its name begins with.
    name = attachment.name.replace("\\", "/").rpartition("/")[2]
    response["Content-Disposition"] = content_disposition_header(not is_picture, name) or "attachment"
    return locked(response)


def raw_response(raw: RawMessage) -> HttpResponseBase:
    """A message byte for byte."""
    response = FileResponse(store.open_file(raw.sha256), content_type="application/octet-stream")
    response["Content-Length"] = str(raw.size)
    response["Content-Disposition"] = f'attachment; filename="message-{raw.pk}.eml"'
    return locked(response)


def html_response(entry: Entry, elsewhere: Mapping[str, str] | None = None) -> HttpResponse:
    """The mail as it looked, cleaned, with its own pictures and those fetched; for a sandboxed frame."""
    html = entry.words.html
    shown = clean(html, _pictures(entry), elsewhere) if html else text_to_html(entry.words.text)
    return page_response(shown)


def page_response(cleaned: str) -> HttpResponse:
    """A document of its own around HTML that was cleaned."""
    response = locked(HttpResponse(f"{SHEET}<body dir=auto>{cleaned}"), LOCKED_HTML)
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def locked(response: Answer, policy: str = LOCKED) -> Answer:
    """Close every way in which a stranger's content could act."""
    response["Content-Security-Policy"] = policy
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, max-age=600"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _pictures(entry: Entry) -> dict[str, str]:
    # Inside the document: a sandboxed frame sends no cookies, so it could not fetch them.
    found, room = {}, LARGEST_PICTURES
    for attachment in entry.attachments.exclude(content_id=""):
        kind = attachment.content_type.lower()
        if kind in PICTURES and attachment.size <= room:
            room -= attachment.size
            content = b64encode(store.read(attachment.sha256)).decode()
            found[attachment.content_id] = f"data:{kind};base64,{content}"
    return found

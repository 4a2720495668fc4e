"""The calls of the panel."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _

from ahadi.automation import speaking
from ahadi.channels import documents
from ahadi.channels.chat import here, talks
from ahadi.channels.models import Talk, Upload, Visitor
from ahadi.lib import store
from ahadi.people import identify
from ahadi.people.models import Address
from ahadi.tickets.models import Attachment
from ahadi.tickets.number import read_number
from ahadi.widget import door, quota, shown
from ahadi.widget.door import Call
from ahadi.widget.problems import Problem

LONGEST = 20_000
MOST_FILES = 10
LARGEST_FILE = 20 * 1024 * 1024
# Uploads of one visitor that no message has taken yet.
MOST_WAITING = 20
TYPES = (
    *documents.PICTURES,
    "image/heic",
    "application/pdf",
    "text/plain",
    "text/csv",
    "application/zip",
    "video/mp4",
    "video/quicktime",
    "audio/mpeg",
    "audio/mp4",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.text",
)
# Controls, and the signs with which a name pretends to end in something harmless.
_TRICKS = re.compile("[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\\\]")


@door.guard("GET")
def events(call: Call) -> HttpResponse:
    """The state, and the lines behind a number."""
    return JsonResponse(shown.state(call.visitor, _number(call.GET.get("after"))))


@door.guard("POST")
def messages(call: Call) -> HttpResponse:
    """A word of the visitor: 201, or 200 with the same line when it was sent before."""
    visitor, given = call.visitor, call.given
    client_id = _client_id(given.get("client_id"))
    text, files = _text(given, "text", LONGEST), given.get("files", [])
    if files and (before := talks.sent(visitor, client_id)):
        # Its files belong to the entry already.
        return _sent(visitor, before, has_files=True)
    uploads = _uploads(visitor, files)
    if not text.strip() and not uploads:
        raise Problem(422, "empty", _("Write something first."))
    quota.take(quota.MESSAGES, visitor.pk)
    if visitor.customer_id is None:
        quota.take(quota.TALKS, call.META.get("REMOTE_ADDR", ""))
    sent = talks.say(visitor, client_id, text, uploads)
    here.stop(sent.line.entry.ticket.number)
    return _sent(visitor, sent, has_files=bool(uploads) or not sent.is_new)


@door.guard("POST", has_file=True)
def files(call: Call) -> HttpResponse:
    """A file comes before its message, so that words never wait for it."""
    visitor = call.visitor
    quota.take(quota.FILES, visitor.pk)
    if int(call.META.get("CONTENT_LENGTH") or 0) > LARGEST_FILE + 10_000:
        raise Problem(413, "too-large", _("A file may have 20 megabytes."))
    upload: UploadedFile[Any] | None = call.FILES.get("file")
    if upload is None:
        raise Problem(422, "no-file", _("There is no file."))
    if (upload.size or 0) > LARGEST_FILE:
        raise Problem(413, "too-large", _("A file may have 20 megabytes."))
    kind = (upload.content_type or "").lower()
    if kind not in TYPES:
        raise Problem(415, "file-type", _("Files of this kind cannot be sent here."))
    if visitor.uploads.count() >= MOST_WAITING:
        raise Problem(409, "too-many-files", _("Send the files you have added before you add more."))
    content = upload.read()
    kept = Upload.objects.create(
        visitor=visitor,
        name=_TRICKS.sub("", upload.name or "").strip()[-200:] or "file",
        content_type=kind,
        size=len(content),
        sha256=store.put(content),
        alt=call.POST.get("alt", "")[:250],
    )
    return JsonResponse(shown.file(kept.name, kept.pk, kept.size, kind, kept.alt), status=201)


@door.guard("GET", "DELETE")
def file(call: Call, name: str) -> HttpResponseBase:
    """A file of this talk; one that was not sent yet can be taken back."""
    visitor = call.visitor
    if call.method == "DELETE":
        visitor.uploads.filter(pk=_uuid(name)).delete()
        return HttpResponse(status=204)
    talk = _talk(visitor)
    found = Attachment.objects.filter(entry__line__talk=talk, pk=_number(name)).first()
    if found is None:
        raise Problem(404, "not-found", _("There is no such file."))
    return documents.attachment_response(found)


@door.guard("POST")
def typing(call: Call) -> HttpResponse:
    """The visitor is writing; not a letter of it is told."""
    quota.take(quota.TYPING, call.visitor.pk)
    talk = talks.current(call.visitor)
    if talk is not None:
        here.write(talk.ticket.number, call.visitor)
    return HttpResponse(status=204)


@door.guard("POST")
def seen(call: Call) -> HttpResponse:
    """The visitor has read up to a line."""
    talks.see(call.visitor, _number(call.given.get("seq")))
    return HttpResponse(status=204)


@door.guard("POST")
def person(call: Call) -> HttpResponse:
    """ "Talk to a person": from here on machines are silent but for the waiting."""
    speaking.want_person(_talk(call.visitor).ticket, said=False)
    return JsonResponse(shown.state(call.visitor, _number(call.given.get("after"))))


@door.guard("POST")
def way(call: Call) -> HttpResponse:
    """Where the visitor is reached when they have gone; a claim until they answer from there."""
    talk = _talk(call.visitor)
    quota.take(quota.PROOFS, call.visitor.pk)
    kind, value = call.given.get("kind"), _text(call.given, "value", 254)
    if kind not in Address.Kind.values:
        raise Problem(422, "way-kind", _("Give a mail address or a phone number."))
    try:
        talks.give_way(talk, str(kind), value)
    except identify.Unreadable as error:
        detail = _("This is not a whole mail address.")
        if kind == Address.Kind.PHONE:
            detail = _("Write the phone number with its country code, as in +49 30 1234567.")
        raise Problem(422, "way-unreadable", detail) from error
    return JsonResponse(shown.state(call.visitor, has_entries=False))


@door.guard("POST")
def end(call: Call) -> HttpResponse:
    """The visitor ends the talk; the request stays."""
    talks.end(_talk(call.visitor))
    return JsonResponse(shown.state(call.visitor, _number(call.given.get("after"))))


@door.guard("POST")
def begin(call: Call) -> HttpResponse:
    """What comes next is another matter."""
    talks.begin_anew(call.visitor)
    return JsonResponse(shown.state(call.visitor))


@door.guard("POST")
def open_case(call: Call) -> HttpResponse:
    """Go on with an earlier talk by its code; whoever may not sees no difference to one that is not there."""
    quota.take(quota.PROOFS, call.visitor.pk)
    number = read_number(_text(call.given, "code", 40))
    if number is None or talks.open_case(call.visitor, number) is None:
        raise Problem(404, "not-found", _("There is no talk of yours with this code."))
    return JsonResponse(shown.state(call.visitor))


def _sent(visitor: Visitor, sent: talks.Sent, *, has_files: bool) -> HttpResponse:
    found = shown.state(visitor, has_entries=False, talk=sent.talk)
    line = shown.line(sent.line, None if has_files else ())
    return JsonResponse({"entry": line, **found}, status=201 if sent.is_new else 200)


def _talk(visitor: Visitor) -> Talk:
    talk = talks.current(visitor)
    if talk is None:
        raise Problem(409, "no-talk", _("There is no talk yet: write something first."))
    return talk


def _uploads(visitor: Visitor, given: Any) -> list[tuple[Upload, str]]:
    if not isinstance(given, list) or len(given) > MOST_FILES:
        raise Problem(422, "files", _("These are too many files for one message."))
    alts = {}
    for each in given:
        each = each if isinstance(each, dict) else {"id": each}
        alts[_uuid(each.get("id"))] = str(each.get("alt") or "")[:250]
    if not alts:
        return []
    found = {upload.pk: upload for upload in visitor.uploads.filter(pk__in=alts)}
    if len(found) != len(alts):
        raise Problem(422, "files", _("A file is not here any more. Please add it again."))
    return [(found[pk], alt or found[pk].alt) for pk, alt in alts.items()]


def _text(given: dict[str, Any], name: str, longest: int) -> str:
    value = given.get(name, "")
    if not isinstance(value, str):
        raise Problem(422, "invalid", _("This could not be read."))
    if len(value) > longest:
        raise Problem(413, "too-large", _("This message is too long to be sent at once."))
    return value


def _client_id(value: Any) -> UUID:
    try:
        return UUID(str(value))
    except ValueError as error:
        raise Problem(422, "client-id", _("This could not be read.")) from error


def _uuid(value: Any) -> UUID:
    try:
        return UUID(str(value))
    except ValueError as error:
        raise Problem(404, "not-found", _("There is no such file.")) from error


def _number(value: Any) -> int:
    text = str(value or "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 18 else 0

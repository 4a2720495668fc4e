"""Recordings of calls: kept only with consent, sealed in the ledger, heard at the desk, destroyed in time."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from ahadi import outbox
from ahadi.channels.models import Call, PhoneLine, Recording
from ahadi.channels.phone import twilio
from ahadi.lib import clock, fetch
from ahadi.tickets import erasure
from ahadi.tickets.erasure import Matter
from ahadi.tickets.models import Entry, Hold, Ticket
from ahadi.tickets.said import File, Kind, Said

log = logging.getLogger("ahadi.channels.phone")

LARGEST = 50 * 1024 * 1024
# A recording waits for somebody to say to which ticket its call belongs: so often, so many seconds apart.
MOST_TRIES, PAUSE = 48, 300.0
AT_ONCE = 50
CODE, REFUSED = "recording", "recording_refused"
_KINDS = (
    ("audio/wav", "wav", b"RIFF"),
    ("audio/ogg", "ogg", b"OggS"),
    ("audio/mpeg", "mp3", b"ID3"),
    ("audio/mpeg", "mp3", b"\xff\xfb"),
    ("audio/mpeg", "mp3", b"\xff\xf3"),
    ("audio/mpeg", "mp3", b"\xff\xf2"),
)


class Unknown(ValueError):
    """These bytes are no sound that browsers play."""


def fetch_one(payload: dict[str, Any]) -> None:
    """Bring a recording from the telephone system, if it may be kept at all."""
    call = Call.objects.select_related("ticket", "line").get(pk=payload["call"])
    consent = consent_to(call, str(payload.get("consent", "")))
    if call.ticket is None:
        _wait(payload)
        return
    if not consent:
        call.ticket.change(REFUSED, {}, None)
        return
    content = _load(call.line, str(payload["url"]))
    keep(call, content, consent, int(payload["seconds"]), datetime.fromisoformat(payload["at"]))


@transaction.atomic
def keep(call: Call, content: bytes, consent: str, seconds: int, at: datetime) -> Recording:
    """Attach a recording to its call as an entry of its own, for colleagues; its hash goes to the ledger."""
    if consent not in Recording.Consent.values or call.ticket is None:
        raise PermissionError("Without consent nothing is kept.")
    content_type, ending = kind_of(content)
    said = Said(
        kind=Kind.NOTE,
        code=CODE,
        channel="phone",
        data={"consent": consent, "seconds": seconds},
        files=[File(f"call-{at:%Y-%m-%d-%H%M}.{ending}", content_type, content)],
    )
    entry = call.ticket.append(said)
    return Recording.objects.create(
        call=call,
        entry=entry,
        attachment=entry.attachments.get(),
        consent=consent,
        seconds=seconds,
        recorded=at,
    )


def consent_to(call: Call, told: str) -> str:
    """What allows it: what the system told, else what the line announces to everybody; nothing otherwise."""
    if told in Recording.Consent.values:
        return told
    return str(Recording.Consent.ANNOUNCED) if call.line and call.line.announces_recording else ""


def kind_of(content: bytes) -> tuple[str, str]:
    """The content type and the ending of a sound, by its first bytes; raises Unknown."""
    for content_type, ending, first in _KINDS:
        if content.startswith(first) and (ending != "wav" or content[8:12] == b"WAVE"):
            return content_type, ending
    raise Unknown


class Recordings:
    """The term of recordings: shorter than that of what was written."""

    label = _("Recordings of calls; that there was one, and its hash, stay")

    def count(self, before: datetime) -> int:
        return self._due(before).count()

    def destroy(self, before: datetime) -> int:
        due = list(self._due(before))
        for start in range(0, len(due), AT_ONCE):
            self._destroy(due[start : start + AT_ONCE])
        return len(due)

    @transaction.atomic
    def _destroy(self, due: list[Recording]) -> None:
        entries = Entry.objects.filter(pk__in=[each.entry_id for each in due])
        nobody = Matter.of_tickets(Ticket.objects.none())
        # The entry stays with its tombstone, and its leaf with the hash.
        erasure.erase(Matter(nobody.tickets, entries, nobody.customers, nobody.addresses), "term", None)
        Recording.objects.filter(pk__in=[each.pk for each in due]).update(destroyed=clock.now())

    def _due(self, before: datetime) -> QuerySet[Recording]:
        held = Hold.objects.filter(lifted=None).values("customer")
        old = Recording.objects.filter(attachment__isnull=False, recorded__lt=before)
        return old.exclude(call__ticket__requester__in=held).order_by("pk")


def _wait(payload: dict[str, Any]) -> None:
    tries = int(payload.get("tries", 0)) + 1
    if tries > MOST_TRIES:
        log.warning(
            "A recording was not kept: nobody said which ticket the call %s is about", payload["call"]
        )
        return
    outbox.put("phone.record", {**payload, "tries": tries}, order_by=f"call-{payload['call']}", delay=PAUSE)


def _load(line: PhoneLine | None, address: str) -> bytes:
    """The bytes, only from the telephone system itself or from a public machine."""
    whole = urljoin(line.url, address) if line and line.url else address
    is_own = bool(line and line.url) and urlsplit(whole).netloc == urlsplit(line.url if line else "").netloc
    headers, limits = {}, fetch.Limits(largest=LARGEST, seconds=60)
    if line is not None and (is_own or (line.kind == PhoneLine.Kind.TWILIO and whole.startswith(twilio.API))):
        headers = {"Authorization": twilio.proof(line)}
    if is_own:
        limits = fetch.Limits(largest=LARGEST, seconds=60, is_allowed=lambda ip: True, ports=None)
    found = fetch.get(whole, limits, headers)
    if found.status != 200:
        raise fetch.Refused(f"the telephone system answered {found.status}")
    return found.content

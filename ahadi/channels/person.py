"""Everything that is known about a person, in one file to take elsewhere (GDPR, articles 15 and 20)."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import IO, Any

from django.apps import apps
from django.conf import settings
from django.db import models

from ahadi.channels.models import RawMessage
from ahadi.lib import clock, store
from ahadi.people.models import Address, Customer
from ahadi.tickets import sequencing
from ahadi.tickets.erasure import Matter
from ahadi.tickets.models import Attachment, Entry, Ticket, Words

FORMAT = "ahadi-person/1"
ABOUT = """One line of JSON for each row (NDJSON, UTF-8, times in UTC).
entries.ndjson holds what was said, in the order of each request.
files/ holds what came with it, raw/ the mails as they came, tables/ whatever else is kept,
receipts/ the proof of each request (c2sp.org/tlog-proof@v1).
"""
# Told in files of their own.
_APART = (Words, Attachment, Entry, Ticket, Customer, Address)
_SECRET = {"token_hash", "code_hash", "browser_hash", "salt", "event"}


def export(customer: Customer, target: IO[bytes]) -> int:
    """Write the zip; returns how many entries are in it. Asking changes nothing but the ledger's places."""
    matter = Matter.of(customer)
    count = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", ABOUT)
        about = {"format": FORMAT, "made": clock.now(), "company": settings.AHADI_URL}
        archive.writestr("about.json", _json(about))
        archive.writestr("person.json", _json(_row(customer)))
        _lines(archive, "addresses", map(_row, matter.addresses.order_by("pk")))
        _lines(archive, "requests", map(_row, matter.tickets.order_by("pk")))
        count = _lines(archive, "entries", _entries(matter))
        for label, rows in _others(matter):
            _lines(archive, f"tables/{label}", rows)
        _files(archive, matter)
        for ticket in matter.tickets.order_by("pk"):
            if proof := sequencing.receipt(ticket):
                archive.writestr(f"receipts/{ticket.number}.tlog-proof", proof)
    return count


def _entries(matter: Matter) -> Iterator[Mapping[str, Any]]:
    rows = matter.entries.select_related("ticket", "words", "agent").prefetch_related("attachments")
    for entry in rows.order_by("ticket_id", "seq").iterator(chunk_size=500):
        words = entry.words
        yield {
            "request": entry.ticket.number,
            "seq": entry.seq,
            "kind": entry.kind,
            "code": entry.code,
            "at": entry.at,
            "by": entry.agent.first_name if entry.agent else "person" if entry.customer_id else "system",
            "channel": entry.channel,
            "language": entry.language,
            "text": words.text,
            "html": words.html,
            "data": words.data,
            "files": [{"name": file.name, "sha256": file.sha256} for file in entry.attachments.all()],
        }


def _others(matter: Matter) -> Iterator[tuple[str, Iterator[Mapping[str, Any]]]]:
    for label in settings.ERASURE:
        model = apps.get_model(label)
        if model in _APART or model._meta.app_label == "ledger":
            continue
        rows = matter.rows(model).order_by("pk")
        if rows.exists():
            yield label, map(_row, rows.iterator(chunk_size=500))


def _files(archive: zipfile.ZipFile, matter: Matter) -> None:
    attachments = set(matter.rows(Attachment).values_list("sha256", flat=True))
    raws = set(matter.rows(RawMessage).values_list("sha256", flat=True))
    for folder, names, ending in (("files", attachments, ""), ("raw", raws, ".eml")):
        for name in sorted(names):
            archive.writestr(f"{folder}/{name}{ending}", store.read(name))


def _row(row: models.Model) -> dict[str, Any]:
    fields = [field for field in row._meta.concrete_fields if field.attname not in _SECRET]
    return {field.attname: field.value_from_object(row) for field in fields}


def _lines(archive: zipfile.ZipFile, name: str, rows: Iterable[Mapping[str, Any]]) -> int:
    count = 0
    with archive.open(f"{name}.ndjson", "w", force_zip64=True) as member:
        for row in rows:
            member.write(_json(row).encode() + b"\n")
            count += 1
    return count


def _json(row: Mapping[str, Any]) -> str:
    return json.dumps(row, default=_plain, ensure_ascii=False)


def _plain(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value.isoformat() if isinstance(value, datetime) else str(value)

"""Pictures pasted between words that are not sent: kept as soon as they are pasted, until the words go."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from ahadi.channels.models import Draft
from ahadi.desk.models import Picture
from ahadi.lib import clock, markup, store
from ahadi.people.models import Agent
from ahadi.tickets import pictures, sweeping
from ahadi.tickets.models import Ticket
from ahadi.tickets.said import File

LARGEST = 5 * 1024 * 1024
# Of one agent in one ticket; what was pasted and never sent goes after a month.
MOST, TERM = 20, timedelta(days=30)


def keep(ticket: Ticket, agent: Agent, upload: UploadedFile[Any] | None) -> Picture:
    """Keep a pasted picture under the name that the words will call it by."""
    if upload is None:
        raise ValidationError(_("There is no file."))
    if (upload.size or 0) > LARGEST:
        raise ValidationError(_("A picture between the words may have 5 megabytes."))
    content = upload.read()
    kind = pictures.kind_of(content)
    if not kind:
        raise ValidationError(_("Between the words only PNG, JPEG, GIF and WebP pictures can stand."))
    _forget_old()
    waiting = Picture.objects.filter(ticket=ticket, agent=agent)
    names = set(waiting.values_list("name", flat=True))
    if len(names) >= MOST:
        raise ValidationError(_("These words have many pictures already; attach the others as files."))
    given = {"content_type": kind, "size": len(content), "sha256": store.put(content)}
    return Picture.objects.create(ticket=ticket, agent=agent, name=_name(kind, names), **given)


def taken(ticket: Ticket, agent: Agent, text: str) -> list[File]:
    """The pictures that the words name, as files of theirs; they are not kept beside them any longer."""
    names = markup.pictured(text)
    if not names:
        return []
    found = Picture.objects.filter(ticket=ticket, agent=agent, name__in=names).order_by("pk")
    files = [File(one.name, one.content_type, store.read(one.sha256)) for one in found]
    found.delete()
    return files


def find(ticket: Ticket, agent: Agent, name: str) -> tuple[str, str] | None:
    """Kind and content of a picture between this agent's words: pasted now, or in an answer taken back."""
    row = Picture.objects.filter(ticket=ticket, agent=agent, name=name).first()
    if row is not None:
        return row.content_type, row.sha256
    resting = Draft.objects.resting().filter(ticket=ticket, agent=agent)
    for file in [file for draft in resting for file in draft.files]:
        if file["name"] == name and file.get("is_inline"):
            return file["content_type"], file["sha256"]
    return None


def _name(kind: str, others: set[str]) -> str:
    # Not counted: an answer that was taken back still has the names of its own.
    while True:
        name = f"picture-{secrets.randbelow(9000) + 1000}.{kind.partition('/')[2]}"
        if name not in others:
            return name


def _forget_old() -> None:
    old = Picture.objects.filter(pasted__lt=clock.now() - TERM)
    if names := list(old.values_list("sha256", flat=True)[:100]):
        old.delete()
        sweeping.remove_files(names)

"""Files too large for a mail: a signed link, good for some days, for whoever proves to read that mail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.core import signing

from ahadi.lib import clock
from ahadi.people.models import Address
from ahadi.tickets.models import Attachment

SALT = "ahadi.channels.handouts"


class Handout(NamedTuple):
    """A file as a mail offers it."""

    name: str
    size: int
    link: str


def until() -> datetime:
    """When a link that is made now is over."""
    return clock.now() + timedelta(days=settings.AHADI_FILE_LINK_DAYS)


def offer(file: Attachment, reader: Address) -> Handout:
    """A link for this reader; by itself it shows nothing to anybody who has not proven to be them."""
    token = signing.dumps([file.pk, reader.pk, int(until().timestamp())], salt=SALT)
    return Handout(file.name, file.size, f"{settings.AHADI_URL}/files/{token}/")


def read(token: str) -> tuple[int, int] | None:
    """The file and the reader behind a link that we signed and that is not over; None for every other."""
    try:
        file, reader, end = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return (file, reader) if clock.now().timestamp() < end else None

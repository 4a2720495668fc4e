"""Forms that are sent once: a signed key says when the page was given, and is used up by what it brought."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta

from django.core import signing
from django.db import OperationalError, transaction

from ahadi.lib import clock
from ahadi.portal.models import Sending
from ahadi.tickets.models import Entry

SALT = "ahadi.portal.sending"
# Nobody reads and fills in the form within two seconds, except a program.
FASTEST = timedelta(seconds=2)
# What a full disk or a busy database says; nothing is half stored then.
NO_ROOM = (OSError, OperationalError)


class Unsigned(ValueError):
    """The key was not given by this house."""


def new_key() -> str:
    """A fresh key for a form that is about to be shown."""
    return signing.dumps([secrets.token_urlsafe(24), int(clock.now().timestamp())], salt=SALT)


def is_too_fast(key: str) -> bool:
    """The form came back sooner than a person can write; raises Unsigned for a foreign key."""
    _name, given = _read(key)
    return clock.now().timestamp() - given < FASTEST.total_seconds()


@transaction.atomic
def once(key: str, write: Callable[[], Entry]) -> Entry:
    """What `write` makes of this form, or what it made of it the first time."""
    name, _given = _read(key)
    # A second press waits here until the first one has committed, then finds its entry.
    sending, is_new = Sending.objects.get_or_create(key=name)
    if not is_new and sending.entry is not None:
        return sending.entry
    sending.entry = write()
    sending.save(update_fields=["entry"])
    return sending.entry


def _read(key: str) -> tuple[str, int]:
    try:
        name, given = signing.loads(key, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Unsigned from error
    return str(name), int(given)

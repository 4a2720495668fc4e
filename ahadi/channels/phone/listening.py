"""The events of every Asterisk that is set up: read in a thread of its own each, taken in as they come."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error as DatabaseError
from django.db import close_old_connections, connections
from django.db.models import QuerySet

from ahadi.channels.models import PhoneLine
from ahadi.channels.phone import asterisk, telling

log = logging.getLogger("ahadi.channels.phone")

# A line that was added or lost is looked for again after this time.
LOOK_AGAIN = 5.0


@contextmanager
def running() -> Iterator[None]:
    """Every line is listened to inside the block."""
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=[over], name="telephone lines", daemon=True)
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join(1)


def _watch(over: threading.Event) -> None:
    listeners: dict[int, threading.Thread] = {}
    while not over.is_set():
        close_old_connections()
        try:
            lines = list(
                PhoneLine.objects.filter(kind=PhoneLine.Kind.ASTERISK, is_active=True).exclude(url="")
            )
        except DatabaseError as error:
            log.warning("Telephone lines cannot be read: %s", type(error).__name__)
            connections.close_all()
            lines = []
        for line in lines:
            if line.pk not in listeners or not listeners[line.pk].is_alive():
                listeners[line.pk] = threading.Thread(target=listen, args=[line], daemon=True)
                listeners[line.pk].start()
        over.wait(LOOK_AGAIN)
    connections.close_all()


def _lines() -> QuerySet[PhoneLine]:
    return PhoneLine.objects.filter(kind=PhoneLine.Kind.ASTERISK, is_active=True).exclude(url="")


def listen(line: PhoneLine) -> int:
    """Take in what one line tells until the connection ends; returns how much."""
    count = 0
    try:
        for told in asterisk.listen(line):
            close_old_connections()
            telling.take(line, told, {"number": told.number, "kind": told.kind})
            count += 1
    except Exception as error:
        # The other side is away, or spoke nonsense: the watch begins again.
        log.warning("The line %s cannot be heard: %s", line.pk, type(error).__name__)
    finally:
        connections.close_all()
    return count

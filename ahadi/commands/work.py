"""Run the worker and the SMTP door only."""

from __future__ import annotations

import os
import signal
import threading
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from ahadi.commands import Refused, setup
from ahadi.lib import environment


def add_arguments(parser: ArgumentParser) -> None:
    """Nothing to choose; one word is for `ahadi up`, which wakes its worker through a pipe."""
    parser.add_argument("--woken", action="store_true", help=SUPPRESS)


def run(arguments: Namespace) -> int:
    """Work until told to end."""
    setup.require_setup()
    if arguments.woken:
        from ahadi.outbox import apart

        apart.work(is_only=connection.vendor == "sqlite")
        os._exit(0)
    told = threading.Event()
    # A file of SQLite belongs to one machine; workers on a PostgreSQL may be anywhere.
    with running(environment.read(), is_only=connection.vendor == "sqlite"):
        own_signals(told.set)
        print("Ahadi works.", flush=True)
        told.wait()
    return 0


@contextmanager
def running_apart(given: environment.Environment) -> Iterator[None]:
    """The SMTP door in this process and the worker in another one, both open inside the block."""
    from ahadi.outbox import apart, worker

    door = _open_door(given.smtp_in)
    other = apart.Apart("work", "--woken")
    worker.elsewhere.append(other.wake)
    try:
        yield
    finally:
        if door is not None:
            door.stop(no_assert=True)
        worker.elsewhere.remove(other.wake)
        other.end()


@contextmanager
def running(given: environment.Environment, *, is_only: bool) -> Iterator[None]:
    """The outbox's worker and the SMTP door, open inside the block; `is_only` where no other can work."""
    from ahadi.outbox import worker

    door = _open_door(given.smtp_in)
    worker.start(is_only=is_only)
    try:
        yield
    finally:
        if door is not None:
            door.stop(no_assert=True)
        worker.stop()


def _open_door(address: environment.Address | None) -> Any:
    if address is None:
        return None
    from ahadi.channels.email.door import start

    try:
        return start(address.host, address.port)
    except OSError as error:
        raise Refused(
            f"Cannot take mail on {address.host}:{address.port}: {error.strerror}; change AHADI_SMTP_IN."
        ) from None


def own_signals(end: Any) -> None:
    """Let SIGINT and SIGTERM call `end`: huey takes both for itself when it starts."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: end())

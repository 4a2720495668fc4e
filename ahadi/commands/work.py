"""Run the worker and the SMTP door only."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from django.db import connection

from ahadi.commands import Refused, setup, web
from ahadi.lib import environment
from ahadi.lib.crew import SELDOM, Crew, Ready

# More workers than this wait for the database.
MOST = 4
# Where all processors are busy, a worker gets a third of what a web server gets: somebody waits for a page.
PATIENCE = 5


def add_arguments(parser: ArgumentParser) -> None:
    """Nothing to choose: AHADI_SMTP_IN says where the door is."""


def run(arguments: Namespace) -> int:
    """Work until told to end."""
    setup.require_setup()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    told = threading.Event()
    # A file of SQLite belongs to one machine; workers on a PostgreSQL may be anywhere.
    with running(environment.read(), is_only=connection.vendor == "sqlite"):
        own_signals(told.set)
        print("Ahadi works.", flush=True)
        told.wait()
    return 0


def serve(crew: Crew, given: environment.Environment) -> None:
    """Add the worker and the SMTP door to a crew; everybody in it can wake the worker."""
    from ahadi.outbox import worker

    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    worker.elsewhere.append(partial(_wake, wake))
    crew.add("The worker", partial(_work, woken))
    for _number in range(1, _workers()):
        crew.add("A further worker", partial(_help, woken))
    if given.smtp_in is not None:
        from ahadi.channels.email import door  # noqa: F401 - read once, before all processes

        crew.add("The SMTP door", partial(_take_mail, given.smtp_in))


@contextmanager
def running(given: environment.Environment, *, is_only: bool) -> Iterator[None]:
    """Worker, SMTP door and fetching, open inside the block; `is_only` where no other can work."""
    from ahadi.channels.email import fetching
    from ahadi.channels.phone import listening
    from ahadi.outbox import rounds, worker

    door = _open_door(given.smtp_in)
    worker.start(is_only=is_only)
    try:
        with fetching.running(), listening.running(), rounds.running():
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


def _wake(pipe: int) -> None:
    # A full pipe is no loss: whoever reads it has not yet heard the others.
    with suppress(OSError):
        os.write(pipe, b"\n")


def _work(woken: int, ready: Ready) -> None:
    from ahadi.channels.email import fetching
    from ahadi.channels.phone import listening
    from ahadi.outbox import rounds

    with fetching.running(), listening.running(), rounds.running():
        _help(woken, ready)


def _help(woken: int, ready: Ready) -> None:
    from ahadi.outbox import worker

    os.nice(PATIENCE)
    worker.elsewhere.clear()
    worker.start(is_only=connection.vendor == "sqlite")
    ready()
    try:
        # One sign at a time leaves the others to further workers: much work wakes them all.
        while os.read(woken, 1):
            worker.wake()
    finally:
        worker.stop()


def _workers() -> int:
    # SQLite has one writer: a second worker would wait for the first.
    return 1 if connection.vendor == "sqlite" else min(web.cores(), MOST)


def _take_mail(address: environment.Address, ready: Ready) -> None:
    try:
        door = _open_door(address)
    except Refused as error:
        print(f"ahadi: {error}", file=sys.stderr)
        raise SystemExit(error.status) from None
    ready()
    try:
        threading.Event().wait()
    finally:
        door.stop(no_assert=True)

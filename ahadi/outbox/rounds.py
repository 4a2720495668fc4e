"""What comes round again and again while a worker lives, each in its own time (settings.ROUNDS)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import close_old_connections, connections
from django.utils.module_loading import import_string

from ahadi.lib.sqlite.base import be_thrifty

log = logging.getLogger("ahadi.outbox")


@contextmanager
def running() -> Iterator[None]:
    """Go every round until the block ends."""
    is_over = threading.Event()
    threads = [
        threading.Thread(target=_go, args=(path, seconds, is_over), name=f"round {path}", daemon=True)
        for path, seconds in settings.ROUNDS.items()
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join(timeout=1)


def _go(path: str, seconds: float, is_over: threading.Event) -> None:
    be_thrifty()
    work: Callable[[], object] = import_string(path)
    while not is_over.wait(seconds):
        close_old_connections()
        try:
            work()
        except Exception:
            # The next round tries again; a thread that dies would be missed by nobody.
            log.exception("The round %s failed", path)
    connections.close_all()

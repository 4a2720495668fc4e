"""Pieces of work in which a thing that seldom changes is read once, however often it is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import close_old_connections

Thing = TypeVar("Thing")

# Seconds for which a thread that does one piece after the other believes what it found out.
LATELY = 1.0

_read: ContextVar[dict[Hashable, Any] | None] = ContextVar("read", default=None)


@contextmanager
def of_work(known: dict[Hashable, Any] | None = None) -> Iterator[None]:
    """Inside, what `once` has read holds until the end; one inside another is part of it.

    Short, and never where such things are changed: what others change meanwhile is seen by the next one.
    Who does many in a row may hand what is `known` from one to the next, and forgets it in time.
    """
    if _read.get() is not None:
        yield
        return
    token = _read.set({} if known is None else known)
    try:
        yield
    finally:
        _read.reset(token)


def once(key: Hashable, read: Callable[[], Thing]) -> Thing:
    """What `read` gives, asked at most once in a piece of work and every time outside of one."""
    known = _read.get()
    if known is None:
        return read()
    if key not in known:
        known[key] = read()
    found: Thing = known[key]
    return found


class Lately:
    """What one thread found out a moment ago; after anything went wrong it knows nothing."""

    def __init__(self) -> None:
        self.until = 0.0
        self.known: dict[Hashable, Any] = {}

    @contextmanager
    def holds(self) -> Iterator[None]:
        """A piece of work that knows what those just before it found out."""
        if time.monotonic() >= self.until:
            close_old_connections()
            self.known, until = {}, time.monotonic() + LATELY
        else:
            until = self.until
        self.until = 0.0
        with of_work(self.known):
            yield
        self.until = until

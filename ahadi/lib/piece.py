"""Pieces of work in which a thing that seldom changes is read once, however often it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Thing = TypeVar("Thing")

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

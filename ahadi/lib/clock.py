"""The one source of time: always aware, always UTC, and settable for tests and simulations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_given: ContextVar[datetime | None] = ContextVar("given", default=None)


def now() -> datetime:
    """The present moment in UTC, or the moment that was given with `at`."""
    return _given.get() or datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[datetime]:
    """Let time stand still at an aware moment inside the block."""
    if moment.tzinfo is None:
        raise ValueError("A moment needs a time zone.")
    token = _given.set(moment.astimezone(UTC))
    try:
        yield moment
    finally:
        _given.reset(token)

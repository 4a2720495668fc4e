"""How long people waited for somebody to come: measured from rings, never assumed."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from ahadi.lib import clock
from ahadi.routing.models import Ring

SPAN = timedelta(days=30)
# Fewer say nothing about the next one.
FEWEST = 5
MOST = 500
# What is promised: it rings so soon while somebody is free (guarantee G14).
SOON = timedelta(seconds=20)


class Measured(NamedTuple):
    """Waits of one kind: how many, the half, what nine of ten did not exceed, and the longest."""

    number: int
    half: timedelta
    long: timedelta
    longest: timedelta


class Rung(NamedTuple):
    """How soon it rang for those who asked while somebody was free."""

    number: int
    soon: int

    @property
    def share(self) -> float:
        """Of one."""
        return self.soon / self.number if self.number else 1.0


def measured(cause: str, *, is_free: bool | None = None) -> Measured | None:
    """From the wish to somebody's "accept", of the last 30 days; None where too little was measured."""
    rings = Ring.objects.filter(cause=cause, asked__gt=clock.now() - SPAN, accepted__isnull=False)
    if is_free is not None:
        rings = rings.filter(was_free=is_free)
    rows = rings.order_by("-asked").values_list("asked", "accepted")[:MOST]
    return read([accepted - asked for asked, accepted in rows if accepted is not None])


def read(waits: list[timedelta]) -> Measured | None:
    """The distribution of some waits."""
    if len(waits) < FEWEST:
        return None
    ordered = sorted(waits)
    size = len(ordered)
    return Measured(size, ordered[(size - 1) // 2], ordered[-(-size * 9 // 10) - 1], ordered[-1])


def rung(cause: str) -> Rung:
    """Of those who asked while somebody was free: how many, and for how many it rang in time."""
    rings = Ring.objects.filter(cause=cause, asked__gt=clock.now() - SPAN, was_free=True)
    rows = rings.order_by("-asked").values_list("asked", "begun")[:MOST]
    return Rung(len(rows), sum(begun is not None and begun - asked <= SOON for asked, begun in rows))

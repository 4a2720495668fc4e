"""Up to which entry the feed may tell without leaving a gap behind."""

from __future__ import annotations

from django.db import connection

from ahadi.tickets import order


def end() -> int:
    """The number of the last entry below which nothing can appear any more."""
    if connection.vendor != "postgresql":
        # SQLite has one writer at a time, so numbers appear in their order.
        return 2**63 - 1
    # First the highest number given so far, then the writers at work: whoever took a number up to
    # it has ended by now, or still holds its mark.
    highest = order.highest()
    return min([highest, *order.marks()])

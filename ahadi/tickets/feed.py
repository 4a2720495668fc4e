"""What happened on all tickets, in one order without gaps, read on from where somebody was."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection

from ahadi.lib.question import Question
from ahadi.tickets import order
from ahadi.tickets.models import Entry

MOST = 500


class Happened(NamedTuple):
    """One entry, without a word of it."""

    pk: int
    ticket: int
    number: str
    seq: int
    kind: str
    code: str
    agent: int | None


def mark() -> int:
    """A number that changes whenever there may be something new; costs next to nothing."""
    if connection.vendor == "postgresql":
        return order.highest()
    with connection.cursor() as cursor:
        # Every commit of another connection changes it, wherever that is.
        cursor.execute("PRAGMA data_version")
        return int(cursor.fetchone()[0])


def end() -> int:
    """The place from which on everything is still to come."""
    if connection.vendor == "postgresql":
        return order.end()
    newest = _NEWEST.rows()
    return newest[0][0] if newest else 0


def is_behind(place: int) -> bool:
    """Numbers behind this place are given out already, to transactions that are still at work."""
    return connection.vendor == "postgresql" and order.highest() > place


def since(place: int, until: int) -> list[Happened]:
    """What happened behind a place, at most `MOST` of it."""
    return [Happened(*row) for row in _SINCE.rows(place, until)]


# All of them are above nothing; with a bound it is a search in SQLite's plans as well, not a walk.
_NEWEST = Question(lambda: Entry.objects.filter(pk__gt=0).order_by("-pk").values_list("pk")[:1])
_SINCE = Question(
    lambda place, until: (
        Entry.objects.filter(pk__gt=place, pk__lte=until)
        .order_by("pk")
        .values_list("pk", "ticket_id", "ticket__number", "seq", "kind", "code", "agent_id")[:MOST]
    )
)

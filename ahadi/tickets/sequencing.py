"""Entries get their places in the ledger's log, in the order of the feed, within a second or two."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Value

from ahadi.ledger import log
from ahadi.ledger.models import Line, Opening
from ahadi.lib.question import Question
from ahadi.tickets import order
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import PUBLIC

said = logging.getLogger("ahadi.ledger")

# What both sides said, newest first: its place in the log and what opens it, where it has them.
_CHAIN = Question(
    lambda ticket, up_to: (
        Entry.objects.filter(ticket=ticket, kind__in=PUBLIC, seq__lte=Value(up_to))
        .order_by("-seq")
        .values_list("leaf__line__index", "leaf__opening__salt", "leaf__opening__event")
    )
)


def sequence(*, wait: bool = False) -> int:
    """Give every entry that has none its place, after whoever is at it now if so told; returns how many."""
    count, added = 0, log.MOST
    try:
        # What comes meanwhile waits for the next round: in a flood there would be no end of signing.
        while added == log.MOST:
            added = log.grow(_follow, wait=wait)
            count += added
    except log.Unsigned as error:
        said.error("%s", error)
    return count


def receipt(ticket: Ticket, up_to: int | None = None) -> str | None:
    """The receipt of all that both sides said, up to an entry (its number in the ticket) or to the newest.

    A new entry gets its place at once if need be; None only where nothing may be signed.
    """
    wanted = (ticket.pk, ticket.last_seq if up_to is None else up_to)
    rows = _CHAIN.rows(*wanted)
    if rows and rows[0][0] is None:
        sequence(wait=True)
        rows = _CHAIN.rows(*wanted)
    if not rows or rows[0][0] is None:
        return None
    return log.prove(rows[0][0], list(_opened(rows)))


def body_of(entry: Entry) -> str:
    """The SHA-256 of an entry's words as its event names it; empty where the event was erased."""
    opening = Opening.objects.filter(leaf=entry.leaf_id).values_list("event", flat=True).first()
    return str(json.loads(bytes(opening))["body"]) if opening else ""


def _opened(rows: Sequence[tuple[Any, ...]]) -> Iterator[bytes]:
    for _index, salt, event in rows:
        if salt is None:
            # What was erased cannot be opened, and the chain cannot be followed beyond it.
            return
        yield bytes(salt) + bytes(event)


def _follow(most: int) -> Sequence[tuple[int, bytes]]:
    # In two steps: joined, the databases look at every line before they find the last.
    last = Line.objects.order_by("-index").values_list("leaf_id", flat=True).first()
    newest = Entry.objects.filter(leaf=last).values_list("id", flat=True).first() if last else None
    # Nothing may appear later with a smaller number: its place would have been given away.
    waiting = Entry.objects.filter(id__gt=newest or 0, id__lte=order.end()).order_by("id")
    return [(key, bytes(hash_)) for key, hash_ in waiting.values_list("leaf_id", "leaf__hash")[:most]]

"""Entries get their places in the ledger's log, in the order of the feed, within a second or two."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence

from ahadi.ledger import log
from ahadi.ledger.models import Line, Opening
from ahadi.tickets import order
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import PUBLIC

said = logging.getLogger("ahadi.ledger")


def sequence(*, wait: bool = False) -> int:
    """Give every entry that has none its place, after whoever is at it now if so told; returns how many."""
    count = 0
    try:
        while added := log.grow(_follow, wait=wait):
            count += added
    except log.Unsigned as error:
        said.error("%s", error)
    return count


def receipt(ticket: Ticket, up_to: int | None = None) -> str | None:
    """The receipt of all that both sides said, up to an entry (its number in the ticket) or to the newest.

    A new entry gets its place at once if need be; None only where nothing may be signed.
    """
    entries = ticket.entries.filter(kind__in=PUBLIC).order_by("-seq")
    if up_to is not None:
        entries = entries.filter(seq__lte=up_to)
    leaves = list(entries.values_list("leaf_id", flat=True))
    found = log.receipt(leaves) if leaves else None
    if found is None and leaves:
        sequence(wait=True)
        found = log.receipt(leaves)
    return found


def body_of(entry: Entry) -> str:
    """The SHA-256 of an entry's words as its event names it; empty where the event was erased."""
    opening = Opening.objects.filter(leaf=entry.leaf_id).values_list("event", flat=True).first()
    return str(json.loads(bytes(opening))["body"]) if opening else ""


def _follow(most: int) -> Sequence[tuple[int, bytes]]:
    # In two steps: joined, the databases look at every line before they find the last.
    last = Line.objects.order_by("-index").values_list("leaf_id", flat=True).first()
    newest = Entry.objects.filter(leaf=last).values_list("id", flat=True).first() if last else None
    # Nothing may appear later with a smaller number: its place would have been given away.
    waiting = Entry.objects.filter(id__gt=newest or 0, id__lte=order.end()).order_by("id")
    return [(key, bytes(hash_)) for key, hash_ in waiting.values_list("leaf_id", "leaf__hash")[:most]]

"""The newest words of customers, for panels that say what somebody wants."""

from __future__ import annotations

from collections.abc import Iterable

from ahadi.tickets.models import Entry, Ticket

LONGEST = 240


def newest(tickets: Iterable[Ticket]) -> dict[int, str]:
    """What each of these customers said last, shortened."""
    found = Entry.objects.filter(ticket__in=list(tickets), kind=Entry.Kind.MESSAGE)
    words: dict[int, str] = {}
    for entry in found.select_related("words").order_by("ticket", "-seq"):
        words.setdefault(entry.ticket_id, _short(entry.words.shown_text))
    return words


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"

"""Where in a ticket the sought words stand: a few words around them, with the original spelling marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import Max

from ahadi.lib.phrases import Phrase, marked
from ahadi.tickets import search
from ahadi.tickets.models import Entry, Words

_BEFORE, _LENGTH = 40, 160

# A stretch of text, and whether it is what was looked for.
Piece = tuple[str, bool]


class Excerpt(NamedTuple):
    """A few words of one entry."""

    seq: int
    kind: str
    pieces: list[Piece]


def excerpts(tickets: Iterable[int], phrases: Sequence[Phrase]) -> dict[int, Excerpt]:
    """For each ticket the newest words of a person that hold all that was sought, in one query."""
    # Acknowledgements repeat the subject, which stands in the row already.
    holding = Entry.objects.filter(search.holds(phrases), ticket__in=list(tickets), automatic=False)
    newest = holding.order_by().values("ticket").annotate(newest=Max("pk")).values("newest")
    rows = Words.objects.filter(entry__in=newest).values_list(
        "entry__ticket", "entry__seq", "entry__kind", "text", "new_text"
    )
    return {
        ticket: Excerpt(seq, kind, _around(" ".join((new_text or text).split()), phrases))
        for ticket, seq, kind, text, new_text in rows
    }


def pieces(text: str, phrases: Sequence[Phrase]) -> list[Piece]:
    """A text in stretches that were looked for and stretches that were not."""
    found, last = [], 0
    for start, end in marked(text, phrases):
        if start > last:
            found.append((text[last:start], False))
        found.append((text[start:end], True))
        last = end
    return [*found, (text[last:], False)] if last < len(text) else found


def _around(text: str, phrases: Sequence[Phrase]) -> list[Piece]:
    places = marked(text, phrases)
    if not places:
        return []
    start = text.find(" ", max(0, places[0][0] - _BEFORE)) + 1 if places[0][0] > _BEFORE else 0
    cut = text[start : start + _LENGTH]
    end = "…" if start + _LENGTH < len(text) else ""
    return pieces(("…" if start else "") + cut + end, phrases)

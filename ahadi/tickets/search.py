"""Full-text search over folded words: FTS5 on SQLite, tsvector on PostgreSQL, newest first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.db import connection

from ahadi.lib.folding import fold

if TYPE_CHECKING:
    from ahadi.tickets.models import Entry

# Enough words to find anything; a bound on what one mail may cost.
_LONGEST = 100_000
_WORD = re.compile(r"\w+")


def index(entry: Entry, text: str) -> None:
    """Make an entry's words findable, in the transaction that adds it."""
    folded = fold(text)[:_LONGEST].replace("\0", " ")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "INSERT INTO tickets_search (entry_id, ticket_id, words)"
                " VALUES (%s, %s, to_tsvector('simple', %s))",
                [entry.pk, entry.ticket_id, " ".join(_WORD.findall(folded))],
            )
        else:
            cursor.execute(
                "INSERT INTO tickets_search (rowid, ticket_id, words) VALUES (%s, %s, %s)",
                [entry.pk, entry.ticket_id, folded],
            )


def rebuild() -> None:
    """Make everything findable again, from the entries themselves."""
    from ahadi.tickets.models import Entry

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tickets_search")
    entries = Entry.objects.exclude(kind=Entry.Kind.EVENT).select_related("ticket", "words")
    for entry in entries.prefetch_related("attachments").order_by("pk").iterator(chunk_size=2_000):
        subject = entry.ticket.subject if entry.seq == 1 else ""
        names = [file.name for file in entry.attachments.all()]
        index(entry, " ".join((subject, entry.words.shown_text, *names)))


def ticket_ids(text: str, limit: int = 200) -> list[int]:
    """Keys of the tickets with all the words, long ones matched by their beginning; newest entry first."""
    words = _WORD.findall(fold(text))[:12]
    if not words:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT ticket_id FROM tickets_search WHERE words @@ to_tsquery('simple', %s)"
                " ORDER BY entry_id DESC LIMIT %s",
                [" & ".join(f"{word}:*" if _is_long(word) else word for word in words), limit * 5],
            )
        else:
            cursor.execute(
                "SELECT ticket_id FROM tickets_search WHERE tickets_search MATCH %s"
                " ORDER BY rowid DESC LIMIT %s",
                [" ".join(f'"{word}"*' if _is_long(word) else f'"{word}"' for word in words), limit * 5],
            )
        return list(dict.fromkeys(row[0] for row in cursor.fetchall()))[:limit]


def _is_long(word: str) -> bool:
    # The beginnings of one or two letters stand in every second entry: they find nothing and cost the most.
    return len(word) > 2

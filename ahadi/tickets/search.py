"""Full-text search over folded words: FTS5 on SQLite, tsvector on PostgreSQL.

What stands in few entries is looked up in the index. For what stands in very many, the list is walked in its
own order instead and each ticket's words are looked at: the page is full long before the index would be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import BooleanField, Exists, Expression, Func, OuterRef, Q, Value
from django.db.models.expressions import RawSQL

from ahadi.lib import clock
from ahadi.lib.folding import fold
from ahadi.lib.phrases import Phrase, fts5, tsquery, words_of
from ahadi.lib.statement import Also, write

if TYPE_CHECKING:
    from ahadi.tickets.models import Entry

# Enough words to find anything; a bound on what one mail may cost.
_LONGEST = 100_000
# Entries with a word, from which on it is common.
COMMON = 8_000
# Pages of the index that are written anew before others may write.
MERGED_PAGES = 500
_INTO = {
    "sqlite": "INSERT INTO tickets_search (rowid, ticket_id, words) VALUES ({}, {}, %s)",
    "postgresql": (
        "INSERT INTO tickets_search (entry_id, ticket_id, words) VALUES ({}, {}, to_tsvector('simple', %s))"
    ),
}


def findable(entry: Entry, text: str) -> Also:
    """What makes an entry's words findable, to be written with the entry."""
    folded = fold(text)[:_LONGEST].replace("\0", " ")
    kind = connection.vendor
    if kind == "postgresql":
        folded = " ".join(words_of(folded))
    return Also("tickets_search", _INTO[kind], (entry, entry.ticket), (folded,))


def forget(entries: Sequence[int]) -> None:
    """Let nothing lead to these entries any more; `optimise` then destroys what the index still holds."""
    key = "entry_id" if connection.vendor == "postgresql" else "rowid"
    with connection.cursor() as cursor:
        for start in range(0, len(entries), 500):
            some = entries[start : start + 500]
            gaps = ", ".join(["%s"] * len(some))
            cursor.execute(f"DELETE FROM tickets_search WHERE {key} IN ({gaps})", some)  # noqa: S608 - gaps


def optimise() -> None:
    """Write the index anew, piece by piece, without the words that were only marked as gone."""
    if connection.vendor != "sqlite":
        return
    merge = "INSERT INTO tickets_search (tickets_search, rank) VALUES ('merge', %s)"
    with connection.cursor() as cursor:
        # A negative number begins with every piece of the index; writers come in between.
        pages, changed = -MERGED_PAGES, 2
        while changed >= 2:
            before = _changes()
            cursor.execute(merge, [pages])
            pages, changed = MERGED_PAGES, _changes() - before


def _changes() -> int:
    return int(connection.connection.total_changes)


def rebuild() -> None:
    """Make everything findable again, from the entries themselves."""
    from ahadi.tickets.models import Entry

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tickets_search")
    entries = Entry.objects.exclude(kind=Entry.Kind.EVENT).select_related("ticket", "words")
    for entry in entries.prefetch_related("attachments").order_by("pk").iterator(chunk_size=2_000):
        subject = entry.ticket.subject if entry.seq == 1 else ""
        names = [file.name for file in entry.attachments.all()]
        write(findable(entry, " ".join((subject, entry.words.shown_text, *names))))


class Holds(Func):
    """Whether the words of an entry are found, without asking the index."""

    output_field = BooleanField()
    arg_joiner = "), "
    template = "ahadi_has((SELECT c0 FROM tickets_search_content WHERE id = %(expressions)s)"

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """The same in PostgreSQL's words."""
        template = "(SELECT words FROM tickets_search WHERE entry_id = %(expressions)s)"
        joiner = ") @@ to_tsquery('simple', "
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner, **context)


def where(phrases: Sequence[Phrase], kind: str = "") -> Q:
    """Tickets with an entry that holds all of these; only entries of that kind, where one is named."""
    if is_common(phrases):
        return Q(holding(phrases, kind))
    (key, words), asked = _match(), _asked(phrases)
    sql = f"SELECT s.ticket_id FROM tickets_search s WHERE {words}"  # noqa: S608 - names of our own
    if kind:
        sql = (
            f"SELECT s.ticket_id FROM tickets_search s JOIN tickets_entry e ON e.id = s.{key}"  # noqa: S608
            f" WHERE {words} AND e.kind = %s"
        )
    if connection.vendor == "postgresql":
        # It guesses that words stand in far more entries than they do, and would read every ticket; of what
        # stands in an array it expects little, and looks each one up.
        sql = f"SELECT unnest(ARRAY({sql}))"
    return Q(pk__in=RawSQL(sql, [asked, kind] if kind else [asked]))  # noqa: S611 - values are parameters


def holding(phrases: Sequence[Phrase], kind: str = "") -> Exists:
    """The same, found by looking at the entries of one ticket after the other."""
    from ahadi.tickets.models import Entry

    entries = Entry.objects.filter(holds(phrases), ticket=OuterRef("pk"))
    return Exists(entries.filter(kind=kind) if kind else entries)


def holds(phrases: Sequence[Phrase]) -> Expression:
    """For entries: whether this one holds all of these."""
    return Holds("pk", Value(_asked(phrases)))


def is_common(phrases: Sequence[Phrase]) -> bool:
    """So many entries hold these that looking at tickets in the order of the list is the shorter way.

    Counting takes a third of a search, and both ways find the same: it is done once a minute.
    """
    minute = clock.now().replace(second=0, microsecond=0)
    return _is_common(_asked(phrases), COMMON, connection.vendor, minute)


@lru_cache(maxsize=1_024)
def _is_common(asked: str, common: int, vendor: str, minute: datetime) -> bool:
    _key, words = _match()
    sql = f"SELECT count(*) FROM (SELECT 1 FROM tickets_search s WHERE {words} LIMIT %s) AS holding"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [asked, common])
        return bool(cursor.fetchone()[0] >= common)


def _match() -> tuple[str, str]:
    """The key of an entry in the index, and the condition on its words."""
    if connection.vendor == "postgresql":
        return "entry_id", "s.words @@ to_tsquery('simple', %s)"
    return "rowid", "s.tickets_search MATCH %s"


def _asked(phrases: Sequence[Phrase]) -> str:
    return tsquery(phrases) if connection.vendor == "postgresql" else fts5(phrases)

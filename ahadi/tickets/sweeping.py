"""After an erasure: what the store, the index and the pages of the database still hold is destroyed, too."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db import connection

from ahadi.lib import clock, store
from ahadi.tickets import erasure as erasing
from ahadi.tickets import search
from ahadi.tickets.models import Erasure


class Busy(Exception):
    """Somebody reads an older state of the database: its log cannot be cut yet; the job tries again."""


def sweep(files: list[str], erasure: int | None = None, *, database: bool = True) -> None:
    """Destroy files that nothing names any more, and every free page of the database; safe to repeat."""
    remove_files(files)
    if database:
        search.optimise()
    if database and not connection.in_atomic_block:
        # Within a transaction (of a test) the database refuses it.
        clean_database()
    if erasure is not None:
        Erasure.objects.filter(pk=erasure).update(swept=clock.now())


def remove_files(names: Iterable[str]) -> int:
    """Destroy stored files, except those that something else names as well; returns how many went."""
    wanted = set(names)
    lonely = wanted - named(wanted)
    for name in lonely:
        store.remove(name)
    return len(lonely)


def named(names: Collection[str]) -> set[str]:
    """Which of these files are still named somewhere."""
    found: set[str] = set()
    for model, column in erasing.file_columns():
        rows = model._base_manager.all()
        if model._meta.get_field(column).get_internal_type() == "CharField":
            rows = rows.filter(**{f"{column}__in": list(names)})
        for value in rows.values_list(column, flat=True).iterator():
            found |= set(erasing.names_in(value)) & set(names)
    return found


def clean_database() -> None:
    """Write the tables anew, so that no free page and no log of changes holds what was destroyed."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in ("tickets_words", "ledger_opening", "tickets_search", "tickets_attachment"):
                cursor.execute(f"VACUUM FULL {table}")
            # The others are small or emptied: their free room is given back.
            cursor.execute("VACUUM")
            return
        # Writers wait for their turn rather than for the database, which would send them away.
        turns: Any = connection
        turns.take_turn()
        try:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            is_busy = bool(cursor.fetchone()[0])
        finally:
            turns.pass_on()
        if is_busy:
            raise Busy("A reader holds on to the log of the database.")

"""In which order entries become visible on PostgreSQL, where a later number may be committed first."""

from __future__ import annotations

from django.db import connection, transaction

# "AHAD" in the upper half of the key of an advisory lock, the number in the lower half.
SPACE = 0x41484144

# Shared locks hold nobody up.
_MARK = """
SELECT pg_advisory_xact_lock_shared(
  (%s::bigint << 32) | ((SELECT last_value FROM tickets_entry_id_seq) & 4294967295)
)
"""


def mark() -> None:
    """Say, before an entry takes its number, that this transaction may take any from here on."""
    if connection.vendor != "postgresql" or _has_marked():
        return
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [SPACE])
    transaction.on_commit(_marked)


def _has_marked() -> bool:
    # Once in a transaction is enough: its first mark is its lowest. What waits for the commit tells, and
    # is forgotten, as the lock is, where a part of the transaction is taken back.
    return any(waiting[1] is _marked for waiting in connection.run_on_commit)


def _marked() -> None:
    """Stands among what waits for the commit; nothing is to be done."""


def highest() -> int:
    """The highest number that any transaction took so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM tickets_entry_id_seq")
        return int(cursor.fetchone()[0])


def marks() -> list[int]:
    """Numbers from which on other transactions at work may still write."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objsubid = 1"
            " AND pid <> pg_backend_pid()"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [SPACE],
        )
        return [int(row[0]) for row in cursor.fetchall()]


def end() -> int:
    """The number of the last entry below which nothing can appear any more."""
    if connection.vendor != "postgresql":
        # SQLite has one writer at a time, so numbers appear in their order.
        return 2**63 - 1
    # First the highest number given so far, then the writers at work: whoever took a number up to
    # it has ended by now, or still holds its mark.
    known = highest()
    return min([known, *marks()])

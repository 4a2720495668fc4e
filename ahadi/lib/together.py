"""Changes of several tickets written together: statements that differ in their values only are one.

Half of what a short change costs is the way of each of its statements to the database and back. Inside
`written`, rows that `lib.statement` writes wait, and go as one statement for each kind, in the order in which
each change wrote them. Whoever asks about a table that something waits for, or writes by any other way, lets
everything that waits go first, so nobody can read what was before. Nothing outlives the transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from itertools import count
from typing import Any

from django.db import DatabaseError, connection

Values = Sequence[Any]

_TAKE = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"

_open: ContextVar[Together | None] = ContextVar("together", default=None)


class Together:
    """What waits in one transaction."""

    def __init__(self, changes: int) -> None:
        self._changes = changes
        # Table, statement, whether each must find its row, and the values of all who wait.
        self._lots: list[tuple[str, str, bool, list[Values]]] = []
        self._places: dict[str, int] = {}
        # Statements of one change keep their order: none goes before the one it came after.
        self._last = 0
        self._keys: dict[str, Iterator[int]] = {}
        self._is_writing = False

    def begin(self) -> None:
        """The next change begins, on other rows than those before."""
        self._last = 0

    def put(self, table: str, sql: str, values: Values, *, must_find: bool = False) -> None:
        """Let a statement wait."""
        place = self._places.get(sql)
        if place is not None and place < self._last:
            self.let_go()
            place = None
        if place is None:
            place = self._places[sql] = len(self._lots)
            self._lots.append((table, sql, must_find, []))
        self._lots[place][3].append(values)
        self._last = place

    def key(self, table: str) -> int:
        """The next key of a table."""
        if table not in self._keys:
            self._keys[table] = self._coming(table)
        return next(self._keys[table])

    def _coming(self, table: str) -> Iterator[int]:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                while True:
                    cursor.execute(_TAKE, [table, self._changes])
                    yield from [key for (key,) in cursor.fetchall()]
            # Nobody else writes meanwhile.
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            found = cursor.fetchone()
        yield from count(found[0] + 1 if found else 1)

    def let_go(self) -> None:
        """Write everything that waits."""
        lots, self._lots = self._lots, []
        self._places.clear()
        self._last, self._is_writing = 0, True
        # PostgreSQL is told all of it before it is asked how the first of it went.
        is_told = lots and connection.vendor == "postgresql"
        try:
            with (
                connection.wrap_database_errors,
                connection.connection.pipeline() if is_told else nullcontext(),
            ):
                cursors = [self._execute(sql, rows) for _table, sql, _must_find, rows in lots]
            for (table, _sql, must_find, rows), cursor in zip(lots, cursors, strict=True):
                if must_find and cursor.rowcount < len(rows):
                    raise DatabaseError(f"A row of {table} that was to be changed is not there.")
        finally:
            self._is_writing = False

    def _execute(self, sql: str, rows: list[Values]) -> Any:
        cursor = connection.cursor()
        cursor.executemany(sql, rows)
        return cursor

    def watch(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Stands before every statement of the connection."""
        if not self._is_writing:
            is_question = sql.lstrip()[:6].upper() == "SELECT"
            if self._lots and not (is_question and not any(lot[0] in sql for lot in self._lots)):
                self.let_go()
            if not is_question and connection.vendor == "sqlite":
                # It may have made rows, and taken the keys that come next.
                self._keys.clear()
        return execute(sql, params, many, context)


def waiting() -> Together | None:
    """Where rows wait now, or None where they are written at once."""
    return _open.get()


@contextmanager
def written(changes: int) -> Iterator[Together]:
    """Inside, rows of about so many changes, each of another ticket, wait until the end; in a transaction."""
    together = Together(changes)
    token = _open.set(together)
    try:
        with connection.execute_wrapper(together.watch):
            yield together
            together.let_go()
    finally:
        _open.reset(token)

"""Changes of several tickets written together: statements that differ in their values only are one.

Half of what a short change costs on SQLite is the way of each of its statements to the database. Inside
`written`, rows that `lib.statement` writes wait, and go as one statement for each kind, in the order in which
each change wrote them. Whoever asks about a table that something waits for, or writes by any other way, lets
everything that waits go first, so nobody can read what was before. Nothing outlives the transaction. On
PostgreSQL nothing waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import DatabaseError, connection

Values = Sequence[Any]

_open: ContextVar[Together | None] = ContextVar("together", default=None)


class Together:
    """What waits in one transaction."""

    def __init__(self) -> None:
        # Table, statement, whether each must find its row, and the values of all who wait.
        self._lots: list[tuple[str, str, bool, list[Values]]] = []
        self._places: dict[str, int] = {}
        # Statements of one change keep their order: none goes before the one it came after.
        self._last = 0
        self._keys: dict[str, int] = {}
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
        """The next key of a table; nobody else writes meanwhile."""
        if table not in self._keys:
            with connection.cursor() as cursor:
                cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
                found = cursor.fetchone()
            self._keys[table] = found[0] if found else 0
        self._keys[table] += 1
        return self._keys[table]

    def let_go(self) -> None:
        """Write everything that waits."""
        lots, self._lots = self._lots, []
        self._places.clear()
        self._last, self._is_writing = 0, True
        try:
            with connection.cursor() as cursor:
                for table, sql, must_find, rows in lots:
                    cursor.executemany(sql, rows)
                    if must_find and cursor.rowcount < len(rows):
                        raise DatabaseError(f"A row of {table} that was to be changed is not there.")
        finally:
            self._is_writing = False

    def watch(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Stands before every statement of the connection."""
        if not self._is_writing:
            is_question = sql.lstrip()[:6].upper() == "SELECT"
            if self._lots and not (is_question and not any(lot[0] in sql for lot in self._lots)):
                self.let_go()
            if not is_question:
                # It may have made rows, and taken the keys that come next.
                self._keys.clear()
        return execute(sql, params, many, context)


def waiting() -> Together | None:
    """Where rows wait now, or None where they are written at once."""
    return _open.get()


@contextmanager
def written() -> Iterator[Together | None]:
    """Inside, rows wait until the end; only within a transaction, on different tickets."""
    if connection.vendor != "sqlite" or _open.get() is not None:
        yield None
        return
    together = Together()
    token = _open.set(together)
    try:
        with connection.execute_wrapper(together.watch):
            yield together
            together.let_go()
    finally:
        _open.reset(token)

"""Changes of several tickets written together: statements that differ in their values only are one.

Half of what a short change costs is the way of each of its statements to the database and back. Inside
`written`, rows that `lib.statement` writes wait, and go as one statement for each kind, those of one table in
the order in which each change wrote them (whether tables name each other rightly is seen at the commit).
Whoever asks about a table that something waits for, or writes by any other way, lets everything that waits go
first, so nobody can read what was before. Nothing outlives the transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from itertools import count
from typing import Any

from django.db import DatabaseError, connection

Values = Sequence[Any]

_TAKEN = "nextval(pg_get_serial_sequence(%s, 'id'))"
_NONE: Iterator[int] = iter(())

_open: ContextVar[Together | None] = ContextVar("together", default=None)
# Tables by questions to which only rows that the same change wrote there could make another answer.
_own: dict[str, tuple[str, ...]] = {}


class Together:
    """What waits in one transaction."""

    def __init__(self, changes: int, tables: Sequence[str]) -> None:
        self._changes, self._tables = changes, tables
        # Table, statement, whether each must find its row, and the values of all who wait.
        self._lots: list[tuple[str, str, bool, list[Values]]] = []
        self._places: dict[str, int] = {}
        # The values of new rows by their table and key.
        self._new: dict[tuple[str, Any], list[Any]] = {}
        # By table, where this change wrote last: what it writes there next does not go before that.
        self._last: dict[str, int] = {}
        self._keys: dict[str, Iterator[int]] = {}
        self._is_writing = False

    def begin(self) -> None:
        """The next change begins, on other rows than those before."""
        self._last.clear()

    def put(self, table: str, sql: str, values: Values, *, must_find: bool = False) -> None:
        """Let a statement wait."""
        place = self._places.get(sql)
        if place is not None and place < self._last.get(table, 0):
            self.let_go()
            place = None
        if place is None:
            place = self._places[sql] = len(self._lots)
            self._lots.append((table, sql, must_find, []))
        self._lots[place][3].append(values)
        self._last[table] = place

    def add(self, table: str, key: Any, sql: str, values: list[Any]) -> None:
        """Let a new row wait."""
        self.put(table, sql, values)
        self._new[table, key] = values

    def amend(self, table: str, key: Any, changes: Iterable[tuple[int, Any]]) -> bool:
        """Change values, by their places, of a new row that still waits: it is written once, as it is now."""
        values = self._new.get((table, key))
        if values is None:
            return False
        for place, value in changes:
            values[place] = value
        return True

    def key(self, table: str) -> int:
        """The next key of a table."""
        key = next(self._keys.get(table, _NONE), None)
        if key is None:
            self._take_keys(table)
            key = next(self._keys[table])
        return key

    def _take_keys(self, table: str) -> None:
        """Of one table, or at its first need of all that are sure to be written."""
        if connection.vendor == "postgresql":
            is_first = table in self._tables and table not in self._keys
            others = [name for name in self._tables if name not in self._keys]
            self._keys |= _taken(others if is_first else [table], self._changes)
        else:
            # Rows that wait here have the keys that are known already.
            self._keys = {table: count(1)} | _coming() | self._keys

    def let_go(self) -> None:
        """Write everything that waits."""
        lots, self._lots = self._lots, []
        self._places.clear()
        self._new.clear()
        self._last.clear()
        self._is_writing = True
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
            if self._lots and not (is_question and self._is_answered(sql)):
                self.let_go()
            if not is_question and connection.vendor == "sqlite":
                # It may have made rows, and taken the keys that come next.
                self._keys.clear()
        return execute(sql, params, many, context)

    def _is_answered(self, sql: str) -> bool:
        """What waits cannot be part of the answer."""
        if sql in _own:
            return self._last.keys().isdisjoint(_own[sql])
        return not any(lot[0] in sql for lot in self._lots)


def ask_of_own(sql: str, tables: tuple[str, ...]) -> None:
    """This question is about the rows of one change; only its own in these tables are part of the answer."""
    _own[sql] = tables


def _taken(tables: Sequence[str], many: int) -> dict[str, Iterator[int]]:
    """So many keys for each time that a table is named, which nobody else gets any more."""
    columns = ", ".join([_TAKEN] * len(tables))
    taken: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM generate_series(1, %s)", [*tables, many])  # noqa: S608 - our words
        for table, keys in zip(tables, zip(*cursor.fetchall(), strict=True), strict=True):
            taken.setdefault(table, []).extend(keys)
    return {table: iter(sorted(keys)) for table, keys in taken.items()}


def _coming() -> dict[str, Iterator[int]]:
    """The keys that come next in SQLite, while nobody else writes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, seq FROM sqlite_sequence")
        return {table: count(last + 1) for table, last in cursor.fetchall()}


def waiting() -> Together | None:
    """Where rows wait now, or None where they are written at once."""
    return _open.get()


@contextmanager
def written(changes: int, tables: Sequence[str] = ()) -> Iterator[Together]:
    """Inside, rows of about so many changes, each of another ticket, wait until the end; in a transaction.

    `tables` are those that each change adds a row to, named once for each row: their keys are taken together.
    """
    together = Together(changes, tables)
    token = _open.set(together)
    try:
        with connection.execute_wrapper(together.watch):
            yield together
            together.let_go()
    finally:
        _open.reset(token)

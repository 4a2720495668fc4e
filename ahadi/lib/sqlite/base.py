"""SQLite has one writer at a time: threads and processes take turns instead of asking again and again.

A connection that finds the database locked sleeps up to a tenth of a second before it looks again, although
the transaction it waits for takes a few thousandths. A lock hands the turn over at once. Programs that know
nothing of it still meet at the database's own lock.
"""

from __future__ import annotations

import fcntl
import os
import threading
from functools import cache, lru_cache, partial
from typing import Any

from django.db.backends.sqlite3 import base

from ahadi.lib import phrases, right_of_way
from ahadi.lib.sqlite.operations import DatabaseOperations

_WRITES = {"INSERT", "UPDATE", "DELETE"}

# What a connection of a thrifty thread keeps of the database, in kB; the rest is in the file's own mapping.
LITTLE = 1_000
_habits = threading.local()


def be_thrifty() -> None:
    """Keep little in memory for the connections of this thread from now on: for one of many that work seldom.

    Each would fill up what a connection may keep, over days, with pages that it hardly ever asks for again.
    """
    _habits.are_thrifty = True


class Turn:
    """Held by whoever writes: a lock between threads, and one on a file between processes."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._process, self._file = 0, -1

    def take(self, patience: float) -> bool:
        """Wait until nobody else writes; the kernel frees the file of a process that dies."""
        if not self._threads.acquire(timeout=patience):
            return False
        if self._process != os.getpid():
            # What a fork inherits is one lock with its parent.
            self._process = os.getpid()
            self._file = os.open(f"{self._path}-turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        return True

    def pass_on(self) -> None:
        """Let the next one write."""
        fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()


_turn_of = cache(Turn)


class Cursor(base.SQLiteCursorWrapper):
    """A cursor that waits for its turn before a statement that is a transaction by itself."""

    def __init__(self, wrapper: DatabaseWrapper, connection: Any) -> None:
        super().__init__(connection)
        self._wrapper = wrapper

    def execute(self, query: Any, params: Any = None) -> Any:
        if self.connection.in_transaction:
            return super().execute(query, params)
        right_of_way.here.give()
        if query.lstrip()[:6].upper() not in _WRITES:
            return super().execute(query, params)
        self._wrapper.take_turn()
        try:
            return super().execute(query, params)
        finally:
            self._wrapper.pass_on()

    def convert_query(self, query: str, *, param_names: Any = None) -> str:
        """Gaps as SQLite writes them; the same statements come again and again."""
        if param_names is None:
            return _with_marks(query)
        return super().convert_query(query, param_names=param_names)


@lru_cache(maxsize=1_000)
def _with_marks(query: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that waits for its turn before it begins a transaction."""

    ops_class = DatabaseOperations

    _has_turn = False

    def get_new_connection(self, conn_params: Any) -> Any:
        made = super().get_new_connection(conn_params)
        made.create_function("ahadi_has", 2, phrases.has, deterministic=True)
        if getattr(_habits, "are_thrifty", False):
            made.execute(f"PRAGMA cache_size=-{LITTLE}")
        return made

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=partial(Cursor, self))

    def _start_transaction_under_autocommit(self) -> None:
        self.take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self.pass_on()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]
        finally:
            self.pass_on()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self.pass_on()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self.pass_on()

    def take_turn(self) -> None:
        """Wait until nobody else writes, or as long as the settings say."""
        patience = self.settings_dict["OPTIONS"].get("timeout", 5)
        self._has_turn = _turn_of(str(self.settings_dict["NAME"])).take(patience)

    def pass_on(self) -> None:
        """Let the next one write, if it is our turn."""
        if self._has_turn:
            self._has_turn = False
            _turn_of(str(self.settings_dict["NAME"])).pass_on()

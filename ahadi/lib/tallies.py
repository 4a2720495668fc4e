"""Counts with an end that all processes of one machine share: a file beside the database, for limits."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from limits.storage import Storage

_MAKE = "CREATE TABLE IF NOT EXISTS tally (key TEXT PRIMARY KEY, number INTEGER NOT NULL, ends REAL NOT NULL)"
# What is over begins anew, in the same breath: nobody comes between reading and writing.
# SQLite wants to read WHERE before ON CONFLICT where rows come from a question.
_COUNT = (
    "INSERT INTO tally SELECT value, :amount, :ends FROM json_each(:keys) WHERE true"
    " ON CONFLICT (key) DO UPDATE SET"
    " number = CASE WHEN ends <= :now THEN :amount ELSE number + :amount END,"
    " ends = CASE WHEN ends <= :now THEN :ends ELSE ends END RETURNING key, number"
)
# Seconds between two looks through all counts for what is over.
TIDY = 60.0
_READ = "SELECT number, ends FROM tally WHERE key = ? AND ends > ?"


class Tallies(Storage):
    """The store behind `limits`, where there is no Redis; losing it loses counts of the last hour."""

    STORAGE_SCHEME = None
    base_exceptions = sqlite3.Error

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._tidies = 0.0
        # A connection serves one thread, and none is carried into a process that is forked.
        self._own = threading.local()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count and return what it is now; the first count of a key begins its time."""
        return self.incr_each([key], expiry, amount)[0]

    def incr_each(self, keys: Sequence[str], expiry: int, amount: int = 1) -> list[int]:
        """The same for each of these different keys, by one statement."""
        now = time.time()
        values = {"keys": json.dumps(keys), "amount": amount, "ends": now + expiry, "now": now}
        numbers: dict[str, int] = dict(self._file.execute(_COUNT, values).fetchall())
        if now >= self._tidies:
            self._tidies = now + TIDY
            self._file.execute("DELETE FROM tally WHERE ends <= ?", [now])
        return [numbers[key] for key in keys]

    def get(self, key: str) -> int:
        """What was counted, nothing when its time is over."""
        found = self._file.execute(_READ, [key, time.time()]).fetchone()
        return int(found[0]) if found else 0

    def get_expiry(self, key: str) -> float:
        """When the time of a key is over."""
        found = self._file.execute(_READ, [key, time.time()]).fetchone()
        return float(found[1]) if found else time.time()

    def check(self) -> bool:
        """Whether the file can be read."""
        return bool(self._file.execute("SELECT 1").fetchone())

    def reset(self) -> int:
        """Forget all counts."""
        return int(self._file.execute("DELETE FROM tally").rowcount)

    def clear(self, key: str) -> None:
        """Forget one count."""
        self._file.execute("DELETE FROM tally WHERE key = ?", [key])

    @property
    def _file(self) -> sqlite3.Connection:
        file: sqlite3.Connection | None = getattr(self._own, "file", None)
        if file is None:
            file = sqlite3.connect(self.path, timeout=5, isolation_level=None)
            # A count that a power failure takes is no loss worth waiting for the disk.
            file.execute("PRAGMA journal_mode=WAL")
            file.execute("PRAGMA synchronous=OFF")
            file.execute(_MAKE)
            self._own.file = file
        return file

"""Short work that somebody waits for goes before longer work of the same process.

Threads of one process share one interpreter: beside pages and looks at the news, what takes five thousandths
of a second takes thirty. Whoever has the right of way says so, and the others let them pass where they stand
well: before they ask the database, before they draw another piece; never in a transaction, for which somebody
else may be waiting. Whoever keeps them waiting for long, such as behind another writer, loses the right.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# Seconds for which others let somebody pass.
PATIENCE = 0.05


class RightOfWay:
    """Of one process, for one thread at a time."""

    def __init__(self) -> None:
        self._free = threading.Event()
        self._free.set()
        self._holder = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Inside, the others let this thread pass."""
        self._holder = threading.get_ident()
        self._free.clear()
        try:
            yield
        finally:
            self._free.set()

    def give(self, patience: float = PATIENCE) -> bool:
        """Let another thread pass that has the right of way; says whether there was one."""
        if self._free.is_set() or self._holder == threading.get_ident() or connection.in_atomic_block:
            return False
        if not self._free.wait(patience):
            self._free.set()
        return True


here = RightOfWay()

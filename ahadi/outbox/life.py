"""Signs of life: what a worker has claimed is left to it as long as it lives, and no moment longer.

On PostgreSQL every worker holds a lock under a number of its own, which goes away with its connection. SQLite
has one process with workers, which knows by a file that it is alone.
"""

from __future__ import annotations

import logging
import secrets
from typing import Any

from django.db import DatabaseError, connection, connections

from ahadi.lib import clock

log = logging.getLogger("ahadi.outbox")

# "AHJO" as the first half of the key of an advisory lock, the worker's number as the other.
SPACE = 0x41484A4F

# What nobody holds is free; claims without a number end with their lease.
_FREE = """
UPDATE outbox_job SET state = 'waiting', next_try = %s
WHERE state = 'running' AND worker IS NOT NULL AND worker NOT IN (
  SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


class Life:
    """The number of the workers of this process, and the connection that holds it."""

    def __init__(self) -> None:
        self.number: int | None = None
        self._holder: Any = None

    def begin(self) -> None:
        """Take a number and hold it; called in the process that works, after it was forked."""
        if connection.vendor != "postgresql":
            return
        # A connection of its own: those of threads are closed when they grow old.
        self._holder = connections.create_connection("default")
        self._holder.inc_thread_sharing()
        number = secrets.randbelow(2**31 - 1) + 1
        self._ask("SELECT pg_advisory_lock(%s, %s)", [SPACE, number])
        self.number = number

    def end(self) -> None:
        """Let go of the number."""
        self.number = None
        if self._holder is not None:
            self._holder.close()
            self._holder = None

    def look(self) -> None:
        """Free what dead workers had claimed; begin anew where the own connection broke."""
        if self._holder is None:
            return
        try:
            self._ask(_FREE, [clock.now(), SPACE])
        except DatabaseError as error:
            log.warning("A worker lost its sign of life and takes another: %s", error)
            self.end()
            self.begin()

    def _ask(self, sql: str, values: list[Any]) -> None:
        with self._holder.cursor() as cursor:
            cursor.execute(sql, values)


own = Life()

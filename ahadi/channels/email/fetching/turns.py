"""Who fetches: one process for each inbox, so that no mail is fetched twice for nothing."""

from __future__ import annotations

import fcntl
from contextlib import suppress
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

# The first of the two numbers of an advisory lock of PostgreSQL: nothing else of the product uses it.
FETCHING = 0x41484144


class Turns:
    """The inboxes that this process fetches; they are free again when it ends, however it ends."""

    def __init__(self) -> None:
        self._files: dict[int, IO[str]] = {}
        self._line: BaseDatabaseWrapper | None = None
        self._held: set[int] = set()

    def take(self, pk: int) -> bool:
        """Try to be the one who fetches from this server."""
        if connection.vendor == "postgresql":
            # Several machines may work on one database.
            return pk in self._held or self._take_line(pk)
        return pk in self._files or self._take_file(pk)

    def leave(self, pk: int) -> None:
        """Let another process have it."""
        if pk in self._files:
            self._files.pop(pk).close()
        if pk in self._held:
            self._held.discard(pk)
            with suppress(DatabaseError):
                self._ask("SELECT pg_advisory_unlock(%s, %s)", pk)

    def lost(self) -> bool:
        """The connection that held the turns is gone, and with it all of them."""
        if not self._held:
            return False
        try:
            self._ask("SELECT %s = %s", FETCHING)
        except DatabaseError:
            self.close()
            return True
        return False

    def close(self) -> None:
        """Leave all of them."""
        for file in self._files.values():
            file.close()
        self._files.clear()
        # The server notices the end of a connection a moment later.
        for pk in tuple(self._held):
            self.leave(pk)
        if self._line is not None:
            with suppress(DatabaseError):
                self._line.close()
            self._line = None

    def _take_file(self, pk: int) -> bool:
        file = (Path(settings.AHADI_DATA) / f"fetching-{pk}.lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._files[pk] = file
        return True

    def _take_line(self, pk: int) -> bool:
        if self._ask("SELECT pg_try_advisory_lock(%s, %s)", pk):
            self._held.add(pk)
            return True
        return False

    def _ask(self, question: str, pk: int) -> bool:
        # A connection of its own that stays open: the lock lives as long as it does.
        if self._line is None:
            self._line = connections.create_connection("default")
            self._line.inc_thread_sharing()
        with self._line.cursor() as cursor:
            cursor.execute(question, [FETCHING, pk])
            return bool(cursor.fetchone()[0])

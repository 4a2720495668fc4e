"""What one worker claimed together: while it is at something slow, others may have the rest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import takewhile
from threading import Lock

from ahadi.lib import clock
from ahadi.outbox.models import Job

# Claimed together by one worker, which begins nothing more of it after this time.
AT_ONCE, QUICK = 16, timedelta(seconds=1)
# Whoever is at one job, or at some together, for so long waits for something: a mail server, a disk.
MOMENT = timedelta(milliseconds=200)


class Handful:
    """Jobs in the hands of one worker: not begun, at work, done and not yet taken off the list."""

    def __init__(self, taken: Sequence[Job]) -> None:
        self._lock = Lock()
        self._rest = list(taken)
        self._done: list[int] = []
        self._begun = self._since = clock.now()

    @property
    def is_slow(self) -> bool:
        """The job at work takes so long that nobody should wait behind it."""
        return clock.now() - self._since >= QUICK

    @property
    def is_held_up(self) -> bool:
        """The job at work waits for something, so that another could have the processor meanwhile."""
        return clock.now() - self._since >= MOMENT

    def take(self, name: str = "") -> Job | None:
        """The next job, of this name where one is given, as long as the whole is quick."""
        with self._lock:
            self._since = clock.now()
            if not self._rest or name not in ("", self._rest[0].name) or self._since - self._begun >= QUICK:
                return None
            return self._rest.pop(0)

    def coming(self, name: str) -> list[Job]:
        """Those of this name that are next in a row; they stay where they are."""
        with self._lock:
            return list(takewhile(lambda job: job.name == name, self._rest))

    def finish(self, job: Job) -> None:
        """Its row can go."""
        with self._lock:
            self._done.append(job.pk)

    def empty(self) -> tuple[list[int], list[Job]]:
        """Take out what is done and what is not begun; each is given to one asker only."""
        with self._lock:
            found = self._done, self._rest
            self._done, self._rest = [], []
            return found

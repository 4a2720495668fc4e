"""The threads of all inboxes in one process: begun, ended and begun again as administrators change things."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import Error as DatabaseError
from django.db import close_old_connections, connections

from ahadi.channels.email.fetching import alarm
from ahadi.channels.email.fetching.fetcher import Fetcher
from ahadi.channels.email.fetching.turns import Turns
from ahadi.channels.models import MailServer

log = logging.getLogger("ahadi.channels.email")

# A change in the browser takes effect within this time.
LOOK_AGAIN = 2.0
# Alarms are about minutes; the first comes when what was missed while nothing ran can have been fetched.
ALARM, FIRST_ALARM = 15.0, 60.0


@contextmanager
def running() -> Iterator[None]:
    """All inboxes are fetched inside the block."""
    house = House()
    house.start()
    try:
        yield
    finally:
        house.end()


class House(threading.Thread):
    """Keeps one fetcher for each server that mail is to be fetched from."""

    def __init__(self) -> None:
        super().__init__(name="fetching", daemon=True)
        self.over = threading.Event()
        self._fetchers: dict[int, tuple[datetime, Fetcher]] = {}
        self._leaving: list[tuple[int, Fetcher]] = []
        self._turns = Turns()
        self._next_alarm = time.monotonic() + FIRST_ALARM

    def end(self) -> None:
        """Let every thread go; mails on their way are fetched again next time."""
        self.over.set()
        self.join(1)
        for _changed, fetcher in self._fetchers.values():
            fetcher.end()

    def run(self) -> None:
        """Look what is to be fetched, again and again."""
        while not self.over.is_set():
            close_old_connections()
            try:
                self._arrange()
                self._watch()
            except DatabaseError as error:
                log.warning("Inboxes cannot be read: %s", type(error).__name__)
                connections.close_all()
            self.over.wait(LOOK_AGAIN)
        self._turns.close()
        connections.close_all()

    def _arrange(self) -> None:
        wanted = dict(MailServer.objects.fetched().values_list("pk", "changed"))
        if self._turns.lost():
            wanted, again = {}, wanted
            log.warning("Another process may fetch %s inboxes now", len(again))
        for pk, (changed, fetcher) in list(self._fetchers.items()):
            if wanted.get(pk) != changed or not fetcher.is_alive():
                fetcher.end()
                self._leaving.append((pk, self._fetchers.pop(pk)[1]))
        self._see_off()
        for pk, changed in wanted.items():
            if pk not in self._fetchers and not self._is_leaving(pk) and self._turns.take(pk):
                fetcher = Fetcher(pk)
                self._fetchers[pk] = (changed, fetcher)
                fetcher.start()

    def _see_off(self) -> None:
        """A turn is over when its thread is, so that an inbox never has two."""
        for pk, fetcher in [leaving for leaving in self._leaving if not leaving[1].is_alive()]:
            self._leaving.remove((pk, fetcher))
            self._turns.leave(pk)

    def _is_leaving(self, pk: int) -> bool:
        return any(pk == leaving for leaving, _fetcher in self._leaving)

    def _watch(self) -> None:
        if time.monotonic() > self._next_alarm:
            self._next_alarm = time.monotonic() + ALARM
            alarm.look()

"""Who does the work: huey runs the due jobs when woken and looks again every few seconds."""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import close_old_connections, connection, connections
from huey import Huey, MemoryHuey, RedisHuey
from huey.consumer import Consumer
from redis.exceptions import RedisError

from ahadi.lib.sqlite.base import be_thrifty
from ahadi.outbox import jobs, life
from ahadi.outbox.handful import AT_ONCE, MOMENT

log = logging.getLogger("ahadi.outbox")

# The job rows are the truth and this queue only wakes, so losing it on a restart loses nothing.
huey: Huey = RedisHuey("ahadi", url=settings.AHADI_REDIS) if settings.AHADI_REDIS else MemoryHuey("ahadi")
LOOK_AGAIN = 2.0
# So many are at work at most while all wait for something slow: a server that does not answer, a long letter.
MOST = 6


class Workers(Consumer):  # type: ignore[misc]
    """huey's consumer inside another process, which keeps its own signal handlers."""

    def _set_signal_handlers(self) -> None:
        """SIGTERM and SIGINT belong to the process that started the workers."""


_is_awake = threading.Event()
# Held by the thread at work where the database has one writer anyway: two that change places at every
# statement take longer than one.
_turn = threading.Lock()
_sweeping = threading.Event()
_running: list[Any] = []
_locks: list[IO[str]] = []
# Ways to wake a worker in another process of the same machine.
elsewhere: list[Callable[[], None]] = []


@huey.task()  # type: ignore[untyped-decorator]
def drain() -> None:
    """Run everything that is due."""
    _is_awake.clear()
    close_old_connections()
    try:
        if connection.vendor == "sqlite":
            _take_turns()
        else:
            _work_off()
    finally:
        close_old_connections()


def _take_turns() -> None:
    """Work while nobody else does, or is held up by something."""
    while not _turn.acquire(timeout=MOMENT.total_seconds()):
        if jobs.are_held_up() and not jobs.run_due(AT_ONCE):
            return
    try:
        _work_off()
    finally:
        _turn.release()


def _work_off() -> None:
    while jobs.run_due():
        pass


def wake() -> None:
    """Tell a worker that something is due; wakes that come together count once."""
    for tell in elsewhere:
        tell()
    if _running and not _is_awake.is_set():
        _is_awake.set()
        _ask()
    elif settings.AHADI_REDIS and not _running and not elsewhere:
        # The workers of another machine: when they are awake is not known here.
        _ask()


def start(workers: int = 2, *, is_only: bool = False) -> None:
    """Start huey's workers and the sweep; the only process with workers first takes over what was left."""
    if _lock() and is_only:
        jobs.reclaim()
    life.own.begin()
    consumer = Workers(
        huey, workers=workers, periodic=False, check_worker_health=False, initial_delay=0.02, max_delay=0.2
    )
    consumer.start()
    sweeper = threading.Thread(target=_sweep, args=(workers,), name="outbox-sweep", daemon=True)
    _sweeping.clear()
    sweeper.start()
    _running.extend([consumer, sweeper])


def stop() -> None:
    """Let running jobs finish for a moment, then end."""
    _sweeping.set()
    for part in _running:
        if isinstance(part, Consumer):
            part.stop(graceful=False)
    _running.clear()
    life.own.end()
    while _locks:
        _locks.pop().close()
    connections.close_all()


def _lock() -> bool:
    """Mark this process as one with workers, until its end; says whether there was no other."""
    handle = (Path(settings.AHADI_DATA) / "worker.lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_first = True
    except OSError:
        is_first = False
    fcntl.flock(handle, fcntl.LOCK_SH)
    _locks.append(handle)
    return is_first


def _sweep(workers: int) -> None:
    # Retries, jobs put down by other processes and leases that ran out announce themselves to nobody.
    be_thrifty()
    while not _sweeping.wait(LOOK_AGAIN):
        try:
            life.own.look()
            _help_out(workers, jobs.relieve())
            _is_awake.set()
            if not _ask():
                drain.call_local()
        except Exception:
            # The next look tries again; without this thread nothing would ever be tried again.
            log.exception("Looking for work failed")


def _help_out(workers: int, slow: int) -> None:
    """Where all workers are at something slow, begin one more, which ends when nothing is due."""
    if workers <= slow < MOST:
        threading.Thread(target=drain.call_local, name="outbox-helper", daemon=True).start()


def _ask() -> bool:
    try:
        drain()
    except RedisError as error:
        # What is written down is safe, and every worker looks again by itself.
        log.warning("Redis does not answer, so no worker was woken: %s", error)
        return False
    return True

"""Parts of the product in processes of their own, forked from one that only watches.

The one that watches never has threads and holds no connection, so it can fork at any time; what it loaded
before is shared by all parts. Who dies is started again, and everybody ends with the one that watches, even
when that one is killed.
"""

from __future__ import annotations

import gc
import logging
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

log = logging.getLogger("ahadi.crew")

Ready = Callable[[], None]
Work = Callable[[Ready], None]

# A part that cannot start must not start a thousand times a second.
PAUSE = 1.0
# With the grace of the web server this keeps the whole end under three seconds.
LAST_WORDS = 2.7
ENDING = (signal.SIGINT, signal.SIGTERM)
# How often the collector looks: what a piece of work leaves behind is nearly always gone before.
SELDOM = (100_000, 20, 250)


@dataclass
class Part:
    """One process: what it does, and when it is to be started again."""

    name: str
    work: Work
    pid: int = 0
    was_ready: bool = False
    start_at: float = 0.0


class Crew:
    """All parts of one installation on this machine."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._readers: dict[int, Callable[[], None]] = {}
        self._is_ending = False
        # Only this process holds the end that is written to: when it is gone, all others read the end.
        self._life = os.pipe()
        self._told = os.pipe()

    def add(self, name: str, work: Work) -> None:
        """One more process; `work` calls what it is given as soon as it can serve, and ends on SystemExit."""
        self._parts.append(Part(name, work))

    def listen(self, door: socket.socket, answer: Callable[[], None]) -> None:
        """Call `answer` in the watching process whenever somebody stands at this door."""
        self._readers[door.fileno()] = answer

    def run(self, when_ready: Callable[[], None]) -> int:
        """Start everybody, watch until told to end, end everybody; returns the exit status."""
        gc.collect()
        # What is there now is shared for ever: counting it in every process would copy it.
        gc.freeze()
        gc.set_threshold(*SELDOM)
        # A page that is drawn lets others go on five times as often as Python has it: news are a matter of
        # milliseconds, pages are not.
        sys.setswitchinterval(0.001)
        self._take_signals()
        for part in self._parts:
            self._start(part)
        status = self._watch(when_ready)
        self._end()
        return status

    def _take_signals(self) -> None:
        for end in self._told:
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._told[1], warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in ENDING:
            signal.signal(number, self._begin_to_end)

    def _begin_to_end(self, *_: object) -> None:
        self._is_ending = True

    def _start(self, part: Part) -> None:
        ready, tell = os.pipe()
        sys.stdout.flush()
        part.pid, part.start_at = os.fork(), 0.0
        if part.pid == 0:
            os.close(ready)
            _be(part, tell, self._life)
        os.close(tell)
        self._readers[ready] = lambda: self._hear(part, ready)

    def _hear(self, part: Part, ready: int) -> None:
        part.was_ready = part.was_ready or bool(os.read(ready, 1))
        del self._readers[ready]
        os.close(ready)

    def _watch(self, when_ready: Callable[[], None]) -> int:
        is_said = False
        while not self._is_ending:
            found, _, _ = select.select([self._told[0], *self._readers], [], [], self._patience())
            for place in found:
                if place in self._readers:
                    self._readers[place]()
            with suppress(BlockingIOError):
                os.read(self._told[0], 4096)
            if (status := self._bury()) is not None:
                return status
            self._start_again()
            if not is_said and all(part.was_ready for part in self._parts):
                is_said = True
                when_ready()
        return 0

    def _patience(self) -> float | None:
        due = [part.start_at for part in self._parts if part.start_at]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _bury(self) -> int | None:
        """Note who died; the status with which all must end where somebody could never begin."""
        while (died := _died()) is not None:
            pid, status = died
            part = next((part for part in self._parts if part.pid == pid), None)
            if part is None or self._is_ending:
                continue
            if not part.was_ready:
                return status or 1
            log.error("%s ended with status %s and is started again.", part.name, status)
            part.pid, part.start_at = 0, time.monotonic() + PAUSE
        return None

    def _start_again(self) -> None:
        for part in self._parts:
            if part.start_at and part.start_at <= time.monotonic():
                self._start(part)

    def _end(self) -> None:
        self._is_ending = True
        living = {part.pid for part in self._parts if part.pid}
        for pid in living:
            _send(pid, signal.SIGTERM)
        end = time.monotonic() + LAST_WORDS
        while (living := {pid for pid in living if _lives(pid)}) and time.monotonic() < end:
            select.select([self._told[0]], [], [], 0.05)
            with suppress(BlockingIOError):
                os.read(self._told[0], 4096)
        for pid in living:
            _send(pid, signal.SIGKILL)


def _be(part: Part, tell: int, life: tuple[int, int]) -> NoReturn:
    """Do the work of one part, in the new process, and never come back."""
    status = 1
    try:
        os.close(life[1])
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # Ctrl-C reaches the whole group; the one that watches says when it is time.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, _leave)
        threading.Thread(target=_end_with, args=(life[0],), name="life", daemon=True).start()
        part.work(lambda: os.close(tell) if os.write(tell, b"\n") else None)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0
    except BaseException:
        log.exception("%s failed.", part.name)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _leave(*_: object) -> NoReturn:
    raise SystemExit(0)


def _end_with(life: int) -> NoReturn:
    os.read(life, 1)
    os._exit(1)


def _died() -> tuple[int, int] | None:
    with suppress(ChildProcessError):
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid:
            return pid, os.waitstatus_to_exitcode(status)
    return None


def _lives(pid: int) -> bool:
    with suppress(ChildProcessError):
        return os.waitpid(pid, os.WNOHANG)[0] == 0
    return False


def _send(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)

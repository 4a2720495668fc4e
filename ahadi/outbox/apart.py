"""A worker in a process of its own, woken through a pipe, so that writing mails does not hold up pages."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress

from ahadi.outbox import worker

log = logging.getLogger("ahadi.outbox")

# A worker that cannot start must not start a thousand times a second.
PAUSE = 1.0


class Apart:
    """The other end of the pipe: starts the process again if it dies, and ends it with this one."""

    def __init__(self, *words: str) -> None:
        self._command = [sys.executable, "-m", "ahadi", *words]
        self._is_ending = threading.Event()
        self._process = self._begin()
        threading.Thread(target=self._watch, name="outbox-apart", daemon=True).start()

    def wake(self) -> None:
        """Say that something is due; a full or broken pipe is no loss, since the worker looks by itself."""
        with suppress(OSError):
            os.write(self._pipe(), b"\n")

    def end(self) -> None:
        """Close the pipe: the worker reads its end and goes."""
        self._is_ending.set()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _begin(self) -> subprocess.Popen[bytes]:
        # The command is this program itself with words of its own.
        process = subprocess.Popen(self._command, stdin=subprocess.PIPE)  # noqa: S603
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
        return process

    def _pipe(self) -> int:
        if self._process.stdin is None or self._process.stdin.closed:
            raise OSError("The pipe is closed.")
        return self._process.stdin.fileno()

    def _watch(self) -> None:
        while not self._is_ending.is_set():
            status = self._process.wait()
            if not self._is_ending.wait(PAUSE):
                log.error("The worker ended with status %s and is started again.", status)
                self._process = self._begin()


def work(*, is_only: bool) -> None:
    """Be that process: work whenever woken, until the pipe ends with whoever holds its other end."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # Both reach the whole group; the end of the pipe says when it is really over.
        signal.signal(number, signal.SIG_IGN)
    worker.start(is_only=is_only)
    while os.read(0, 4096):
        worker.wake()
    worker.stop()

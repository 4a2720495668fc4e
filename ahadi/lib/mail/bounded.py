"""Reading mail within limits: a large one in a process of its own, which is ended when it takes too long."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from ahadi.lib.mail import parcel
from ahadi.lib.mail.message import Mail
from ahadi.lib.mail.parsing import MAX_SIZE, parse, parse_head

# Up to here the worst that can be written costs a quarter of a second, which is less than it is to ask.
SMALL = 64 * 1024
# Of the processor: on a busy machine the same mail takes many times as long by the clock.
SECONDS = 5.0
MEMORY = 256 * 1024 * 1024
# By the clock, for a process that stands still: so many times the seconds of the processor.
PATIENCE = 12

_ROOT = Path(__file__).resolve().parents[3]


class _Reader:
    """The other process and the line to it; begun when it is first needed, begun again after it was ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def read(self, raw: bytes, seconds: float) -> Mail:
        """The mail, or what its head says with a defect that names the limit."""
        with self._lock:
            try:
                line = self._begin()
                return parcel.opened(_ask(line, raw, seconds))
            except TimeoutError:
                reason = "too-slow"
            except (OSError, EOFError, ValueError, KeyError, TypeError):
                reason = "too-slow" if self._ran_out() else "too-costly"
            self.end()
        return parse_head(raw, f"unreadable:{reason}")

    def _ran_out(self) -> bool:
        """It ended because its time of the processor was over."""
        with suppress(subprocess.TimeoutExpired):
            return self._process is not None and self._process.wait(1) == -signal.SIGPROF
        return False

    def end(self) -> None:
        """Stop the process at once."""
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._line = self._process = None

    def _begin(self) -> socket.socket:
        if self._line is not None and self._process is not None and self._process.poll() is None:
            return self._line
        self.end()
        ours, theirs = socket.socketpair()
        with theirs:
            # Nothing of this process is handed over but the line: no settings, no keys, no other files.
            self._process = subprocess.Popen(  # noqa: S603 - this program itself
                [sys.executable, "-m", "ahadi.lib.mail", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env={"PYTHONPATH": str(_ROOT), "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self._line = ours
        # The time it takes to begin is not the mail's fault.
        ours.settimeout(60)
        if ours.recv(1) != b"r":
            raise EOFError
        return ours

    def forget(self) -> None:
        """Leave the process to the one this was forked from; its lock may be held there for ever."""
        if self._line is not None:
            self._line.close()
        self.__init__()  # type: ignore[misc]


def read(raw: bytes, seconds: float = SECONDS) -> Mail:
    """Read a raw mail within the limits of time, memory and size; never raises."""
    if len(raw) <= SMALL or len(raw) > MAX_SIZE:
        return parse(raw)
    return _READER.read(raw, seconds)


def _ask(line: socket.socket, raw: bytes, seconds: float) -> bytes:
    until = time.monotonic() + seconds * PATIENCE
    line.settimeout(_left(until))
    line.sendall(struct.pack(">Qd", len(raw), seconds))
    line.settimeout(_left(until))
    line.sendall(raw)
    (size,) = struct.unpack(">Q", receive(line, 8, until))
    return receive(line, size, until)


def receive(line: socket.socket, size: int, until: float | None = None) -> bytes:
    """So many bytes from the line; EOFError where it ends before, TimeoutError where it is too late."""
    pieces: list[bytes] = []
    while size:
        line.settimeout(_left(until) if until is not None else None)
        piece = line.recv(min(size, 1 << 20))
        if not piece:
            raise EOFError
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


_READER = _Reader()
os.register_at_fork(after_in_child=lambda: _READER.forget())


def end() -> None:
    """End the other process, if there is one."""
    with suppress(OSError):
        _READER.end()

"""The process that reads large mails: a raw one comes in on the line, the read one goes back."""

from __future__ import annotations

import resource
import signal
import socket
import struct
import sys
from pathlib import Path

from ahadi.lib.mail import parcel
from ahadi.lib.mail.bounded import MEMORY, receive
from ahadi.lib.mail.parsing import parse


def main() -> None:
    """Serve the line whose number stands in the command."""
    line = socket.socket(fileno=int(sys.argv[1]))
    _limit()
    line.sendall(b"r")
    while True:
        try:
            size, seconds = struct.unpack(">Qd", receive(line, 16))
            raw = receive(line, size)
        except EOFError:
            return
        # Nobody handles the signal: it ends the process wherever that is, also within one expression.
        signal.setitimer(signal.ITIMER_PROF, seconds)
        answer = parcel.packed(parse(raw))
        signal.setitimer(signal.ITIMER_PROF, 0)
        line.sendall(struct.pack(">Q", len(answer)) + answer)
        del raw, answer


def _limit() -> None:
    """So much memory beside what is there already; no file may be written, no program begun."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()

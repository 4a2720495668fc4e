"""A free port, and waiting until something answers there."""

from __future__ import annotations

import socket
import time
import urllib.request
from typing import Any


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, seconds: float = 30) -> None:
    """Return as soon as the address answers."""
    end = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def until(frame: Any, expression: str, seconds: float = 15) -> None:
    """Return as soon as it is true in a page whose policy forbids the `eval` of the browser's own waiting."""
    end = time.monotonic() + seconds
    while not frame.evaluate(expression):
        assert time.monotonic() < end, f"It never came true: {expression}"
        time.sleep(0.05)

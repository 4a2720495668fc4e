"""Run the web server only."""

from __future__ import annotations

import socket
from argparse import ArgumentParser, Namespace
from collections.abc import Callable

import uvicorn

from ahadi.commands import Refused, setup
from ahadi.lib import environment

# Open live connections would keep the server waiting for ever.
GRACE = 2


def add_arguments(parser: ArgumentParser) -> None:
    """Nothing to choose: AHADI_HOST and AHADI_PORT say where."""


def run(arguments: Namespace) -> int:
    """Serve until told to end."""
    setup.require_setup()
    given = environment.read()
    door = listen(given)
    serve(door, lambda: print(f"Ahadi listens on {given.url} ({given.host}:{given.port}).", flush=True))
    return 0


def listen(given: environment.Environment) -> socket.socket:
    """The socket of the web server; refuses in one line when somebody else has the port."""
    family = socket.AF_INET6 if ":" in given.host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((given.host, given.port))
    except OSError as error:
        raise Refused(
            f"Cannot listen on {given.host}:{given.port}: {error.strerror}; change AHADI_HOST or AHADI_PORT."
        ) from None
    return door


def serve(door: socket.socket, when_ready: Callable[[], None]) -> None:
    """Answer on a socket until SIGINT or SIGTERM, and end within the grace time."""
    config = uvicorn.Config(
        "ahadi.asgi:application",
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    config.load()
    _Server(config, when_ready).run(sockets=[door])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, when_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_ready = when_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._when_ready()

"""Run the web server only: a process for each core, and one that hands them the connections in turn."""

from __future__ import annotations

import asyncio
import gc
import os
import select
import socket
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from typing import cast

import uvicorn

from ahadi.commands import Refused, setup
from ahadi.lib import environment, streams
from ahadi.lib.crew import Crew, Ready

# Open live connections would keep the server waiting for ever.
GRACE = 2
BACKLOG = 2048
# Seconds for which somebody is held who came while every server still takes others in.
PATIENCE = 1.0
# More processes than this want more memory than they give speed.
MOST = 8
# Understanding a template takes longer than drawing it a hundred times.
MOST_READ = (
    "ui/components.html", "ui/fields.html", "ui/promises.html", "ui/talk.html", "ui/document.html",
    "desk/frame.html", "desk/base.html", "desk/list.html", "desk/_rows.html", "desk/ticket.html",
    "desk/_acts.html", "desk/_thread.html", "desk/_delivery.html", "desk/_composer.html",
    "desk/_context.html", "desk/_go.html", "desk/_bulk.html", "desk/_operators.html", "desk/_keys.html",
    "desk/_views.html", "desk/_participants.html", "desk/_person.html", "desk/_marks.html",
    "desk/_words.html", "desk/_reader.html", "desk/_leaving.html", "desk/_heard.html",
)  # fmt: skip


def add_arguments(parser: ArgumentParser) -> None:
    """Nothing to choose: AHADI_HOST and AHADI_PORT say where."""


def run(arguments: Namespace) -> int:
    """Serve until told to end."""
    setup.require_setup()
    given = environment.read()
    crew = Crew()
    serve(crew, listen(given))
    return start(crew, f"Ahadi listens on {given.url} ({given.host}:{given.port}).")


def listen(given: environment.Environment) -> socket.socket:
    """The socket of the web server; refuses in one line when somebody else has the port."""
    family = socket.AF_INET6 if ":" in given.host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((given.host, given.port))
    except OSError as error:
        raise _taken((given.host, given.port), error) from None
    return door


def _taken(place: Sequence[object], error: OSError) -> Refused:
    return Refused(
        f"Cannot listen on {place[0]}:{place[1]}: {error.strerror}; change AHADI_HOST or AHADI_PORT."
    )


def serve(crew: Crew, door: socket.socket) -> None:
    """Add a web server for each core to a crew; the one that watches deals out who comes in at the door."""
    config = uvicorn.Config(
        "ahadi.asgi:application",
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    config.load()
    servers = []
    for _number in range(min(cores(), MOST)):
        given, taken = socket.socketpair()
        given.setblocking(False)
        taken.setblocking(False)
        servers.append(given)
        crew.add("The web server", partial(_answer, config, taken))
    try:
        door.listen(BACKLOG)
    except OSError as error:
        # Two that start in the same moment may both have bound it; only one may listen.
        raise _taken(door.getsockname(), error) from None
    door.setblocking(False)
    turns = count()
    crew.listen(door, lambda: _deal(door, servers, next(turns)))


def start(crew: Crew, greeting: str) -> int:
    """Let a crew work until told to end; what it shares is loaded before, connections are not shared."""
    from django.db import connections
    from django.template.loader import get_template
    from django.urls import reverse

    from ahadi.ui.icons import icon

    # Every process would read all pages, addresses and signs again with its first request.
    reverse("desk:list", args=["open"])
    icon("check")
    for name in MOST_READ:
        get_template(name)
    connections.close_all()
    return crew.run(lambda: print(greeting, flush=True))


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _answer(config: uvicorn.Config, door: socket.socket, ready: Ready) -> None:
    # Looks at what is new are short, so that news wait for none; one at all that thousands of open streams
    # keep takes a fifth of a second. What many bring who come at once is looked at soon, in small pieces.
    gc.set_threshold(5_000, 1, 3_400)
    _Server(config, door, ready).run(sockets=[])


def _deal(door: socket.socket, servers: list[socket.socket], turn: int) -> None:
    # Several processes at one door would leave all connections to whoever is quickest.
    try:
        caller, _address = door.accept()
    except OSError:
        return
    with caller:
        # Thousands may come in one moment, after a cut line: they wait rather than being sent away.
        for patience in (0, PATIENCE):
            able = select.select([], servers, [], patience)[1]
            for number in range(len(able)):
                with suppress(OSError):
                    socket.send_fds(able[(turn + number) % len(able)], [b"c"], [caller.fileno()])
                    return


class _Server(uvicorn.Server):
    """A web server that is handed its connections."""

    def __init__(self, config: uvicorn.Config, door: socket.socket, when_ready: Ready) -> None:
        super().__init__(config)
        self._door, self._when_ready = door, when_ready
        self._coming: set[asyncio.Task[None]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        asyncio.get_running_loop().add_reader(self._door, self._take)
        self._when_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().remove_reader(self._door)
        # An open stream never ends by itself, and would hold up the end until the grace is over.
        streams.here.close()
        await super().shutdown(sockets)

    def _take(self) -> None:
        with suppress(BlockingIOError):
            _byte, handles, _flags, _address = socket.recv_fds(self._door, 1, 1)
            for handle in handles:
                task = asyncio.get_running_loop().create_task(self._connect(socket.socket(fileno=handle)))
                self._coming.add(task)
                task.add_done_callback(self._coming.discard)

    async def _connect(self, caller: socket.socket) -> None:
        caller.setblocking(False)
        make = partial(
            cast(Callable[..., asyncio.Protocol], self.config.http_protocol_class),
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        with suppress(OSError):
            await asyncio.get_running_loop().connect_accepted_socket(make, caller)

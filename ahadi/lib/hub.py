"""Who listens in this process, and what they are told: events that the server sends, for any audience.

Nothing here knows who may hear what; that is decided before something is told. All of it belongs to the event
loop; threads reach it through `call_soon_threadsafe`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Hashable, Iterable
from typing import Any, NamedTuple

# Bytes that wait for a slow reader; whoever is further behind comes back and goes on from where they were.
PATIENCE = 256 * 1024
# Streams of one audience: a browser needs one, and some browsers are left open for days.
MOST_OF_ONE = 24
# Groups into which audiences fall, for what is told to everybody though not to all in one moment.
PARTS = 100


class Event(NamedTuple):
    """One thing to tell; `id` is where a reader goes on who was away."""

    name: str
    data: Any
    id: int | None = None

    def encode(self) -> bytes:
        """The event on the wire."""
        return encoded(self.name, said(self.data), self.id)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def said(data: Any) -> str:
    """The data of an event as text, for who needs it in more than one place."""
    return _ENCODER.encode(data)


def encoded(name: str, data: str, place: int | None = None) -> bytes:
    """An event on the wire whose data is text already."""
    where = "" if place is None else f"id: {place}\n"
    return f"{where}event: {name}\ndata: {data}\n\n".encode()


class Listener:
    """One open stream: what was told to it waits until its reader takes it."""

    __slots__ = ("_size", "_told", "_wait", "is_over", "key")

    def __init__(self, key: Hashable) -> None:
        self.key = key
        self.is_over = False
        self._told: list[bytes] = []
        self._size = 0
        self._wait: asyncio.Future[None] | None = None

    def tell(self, piece: bytes) -> None:
        """Let the reader have these bytes; one who falls too far behind has to come back."""
        self._told.append(piece)
        self._size += len(piece)
        if self._size > PATIENCE:
            self.end()
        self._wake()

    def end(self) -> None:
        """Let the stream end after what was told."""
        self.is_over = True
        self._wake()

    async def next(self) -> bytes:
        """What was told since, as soon as there is something; nothing at the end."""
        while not self._told and not self.is_over:
            self._wait = asyncio.get_running_loop().create_future()
            await self._wait
        piece = self._told[0] if len(self._told) == 1 else b"".join(self._told)
        self._told, self._size = [], 0
        return piece

    def _wake(self) -> None:
        if self._wait is not None and not self._wait.done():
            self._wait.set_result(None)


class Hub:
    """All streams of one process by their audience."""

    def __init__(self) -> None:
        self._listeners: dict[Hashable, list[Listener]] = {}
        self._parts: list[set[Hashable]] = [set() for _part in range(PARTS)]
        self.is_closed = False

    def subscribe(self, key: Hashable) -> Listener:
        """A new stream of an audience; the oldest of very many makes room."""
        listener = Listener(key)
        beside = self._listeners.setdefault(key, [])
        self._parts[hash(key) % PARTS].add(key)
        beside.append(listener)
        if len(beside) > MOST_OF_ONE:
            beside.pop(0).end()
        if self.is_closed:
            listener.end()
        return listener

    def leave(self, listener: Listener) -> None:
        """Forget a stream whose reader has gone."""
        beside = self._listeners.get(listener.key, [])
        if listener in beside:
            beside.remove(listener)
        if not beside:
            self._listeners.pop(listener.key, None)
            self._parts[hash(listener.key) % PARTS].discard(listener.key)

    def listens(self, key: Hashable) -> bool:
        """Whether anybody of this audience is here."""
        return key in self._listeners

    def tell(self, key: Hashable, events: Iterable[Event]) -> None:
        """Tell one audience, on all its streams."""
        if self.listens(key):
            self.tell_bytes([(key, b"".join(event.encode() for event in events))])

    def tell_bytes(self, news: Iterable[tuple[Hashable, bytes]]) -> None:
        """Tell many audiences what is on the wire already."""
        for key, piece in news:
            for listener in tuple(self._listeners.get(key, ())):
                listener.tell(piece)

    def tell_part(self, piece: bytes, part: int) -> None:
        """Tell the same to everybody in one of the parts."""
        self.tell_bytes([(key, piece) for key in self._parts[part]])

    def dismiss(self, key: Hashable) -> None:
        """End all streams of an audience that may not listen any more."""
        for listener in tuple(self._listeners.get(key, ())):
            listener.end()

    def close(self) -> None:
        """End all streams, because the server ends."""
        self.is_closed = True
        for key in tuple(self._listeners):
            self.dismiss(key)

"""Streams of events (SSE) beside the pages: no thread waits for a reader, and one reads the news for all.

The rows in the database are the truth. A process in which somebody listens looks every few hundredths of a
second whether a cheap mark has changed, reads what is new, asks each door who may hear it, and tells them.
Whoever was away says which event they had last and is told the rest first.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from asyncio import AbstractEventLoop, Future
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from itertools import islice, takewhile
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qs

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.db import close_old_connections, connections

from ahadi.lib import right_of_way
from ahadi.lib.hub import PARTS, Event, Hub, Listener

log = logging.getLogger("ahadi.streams")

# Seconds between two looks at the marks, and between two readings: news that come together are told together.
GLANCE, PAUSE = 0.05, 0.25
# Even with the same marks something may be over by now.
TURN = 1.0
# Without a sign of life for twice as long, a reader knows that the line is dead. Readers take turns, so that
# nobody's news waits until thousands were given theirs.
BEAT = 20.0
# How often it is asked whether somebody may still listen, how often some are asked about, and how many of
# them: those who came in one moment are not asked about in one, or the news would wait for it.
CHECK, TIDY, PART = 60.0, 0.1, 1 / 200
MOST_AT_DOORS = 6_000
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


class Asked(NamedTuple):
    """Who stands at a door: cookies or a token, what stands in the address, the last event they had."""

    cookies: Mapping[str, str]
    query: Mapping[str, str]
    after: int | None
    bearer: str = ""

    @classmethod
    def read(cls, scope: HTTPScope) -> Asked:
        """What the browser sent."""
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        given = parse_qs(scope["query_string"].decode("latin-1"))
        query = {name: values[0] for name, values in given.items()}
        cookies = {name: each.value for name, each in SimpleCookie(headers.get(b"cookie", "")).items()}
        last = headers.get(b"last-event-id") or query.get("after", "")
        scheme, _space, token = headers.get(b"authorization", "").partition(" ")
        bearer = token.strip() if scheme.lower() == "bearer" else ""
        return cls(cookies, query, int(last) if last.isdecimal() and len(last) < 19 else None, bearer)


class Audience(Protocol):
    """Whom a stream is for."""

    @property
    def key(self) -> Hashable: ...


class Door(Protocol):
    """One kind of people who listen: who they are and what they may hear. Asked by one thread only."""

    def admit(self, asked: Asked) -> Audience | None:
        """Who this is, or None where nobody may listen."""

    def remain(self, audiences: list[Any]) -> set[Hashable]:
        """The keys of those who may still listen."""

    def begin(self) -> None:
        """From here on everything is told; asked when the first one comes."""

    def opening(self, audience: Any, after: int | None) -> Iterable[Event]:
        """What somebody who comes is told first, which begins behind the event they had last."""

    def mark(self) -> Hashable:
        """Something cheap that changes whenever there may be news."""

    def look(self, audiences: list[Any]) -> Mapping[Hashable, Iterable[Event]]:
        """What each is told since the look before."""


@dataclass
class _Newcomer:
    door: Door
    asked: Asked
    loop: AbstractEventLoop
    admitted: Future[Listener | None]


@dataclass
class _Room:
    """The people behind one door, and when they were looked after."""

    audiences: dict[Hashable, Audience] = field(default_factory=dict)
    checked: dict[Hashable, float] = field(default_factory=dict)
    mark: Hashable = None
    looked: float = 0.0
    tidied: float = 0.0
    swept: float = 0.0

    def check(self, key: Hashable, now: float) -> None:
        """Put somebody who was looked after at the end of the line."""
        self.checked.pop(key, None)
        self.checked[key] = now


class Watch:
    """The one thread that reads the news of this process and lets people in; asleep while nobody is here."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._coming: deque[_Newcomer] = deque()
        self._rooms: dict[int, tuple[Door, _Room]] = {}
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: AbstractEventLoop | None = None
        self._beaten, self._beat = time.monotonic(), 0

    @property
    def is_full(self) -> bool:
        """More stand at the doors than can be asked in a second or two."""
        return len(self._coming) > MOST_AT_DOORS

    async def enter(self, door: Door, asked: Asked) -> Listener | None:
        """A stream, already told what it begins with; None where nobody may listen."""
        self._loop = asyncio.get_running_loop()
        newcomer = _Newcomer(door, asked, self._loop, self._loop.create_future())
        self._coming.append(newcomer)
        self._wake.set()
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="streams", daemon=True)
            self._thread.start()
        return await newcomer.admitted

    def _run(self) -> None:
        while not self._hub.is_closed:
            is_needed = any(room.audiences for _door, room in self._rooms.values())
            self._wake.wait(GLANCE if is_needed else None)
            self._wake.clear()
            try:
                close_old_connections()
                self._turn()
            except Exception:
                # A database that is away for a moment must not end the news for ever.
                log.exception("The news could not be read")
                connections.close_all()
                time.sleep(1)

    def _turn(self) -> None:
        while self._coming:
            self._let_in(self._coming.popleft())
        for door, room in self._rooms.values():
            if room.audiences:
                right_of_way.here.give()
                self._look(door, room)
                right_of_way.here.give()
                self._tidy(door, room)
        if time.monotonic() - self._beaten > BEAT / PARTS:
            self._beaten = time.monotonic()
            self._beat = (self._beat + 1) % PARTS
            self._call(self._hub.tell_part, Event("beat", 1).encode(), self._beat)

    def _let_in(self, new: _Newcomer) -> None:
        try:
            audience = new.door.admit(new.asked)
            events: list[Event] = []
            if audience is not None:
                _door, room = self._rooms.setdefault(id(new.door), (new.door, _Room()))
                if not room.audiences:
                    new.door.begin()
                    room.mark = None
                room.audiences[audience.key] = audience
                room.check(audience.key, time.monotonic())
                events = list(new.door.opening(audience, new.asked.after))
        except Exception as error:
            # What one of them sent must not hold up the others.
            log.exception("Somebody could not be let in")
            new.loop.call_soon_threadsafe(_fail, new.admitted, error)
            return
        # On the loop nothing can be told between subscribing and the opening.
        new.loop.call_soon_threadsafe(self._welcome, new.admitted, audience, events)

    def _welcome(
        self, admitted: Future[Listener | None], audience: Audience | None, events: list[Event]
    ) -> None:
        if admitted.done():
            return
        if audience is None:
            admitted.set_result(None)
            return
        listener = self._hub.subscribe(audience.key)
        listener.tell(b"retry: 2000\n\n" + b"".join(event.encode() for event in events))
        admitted.set_result(listener)

    def _look(self, door: Door, room: _Room) -> None:
        now = time.monotonic()
        if now - room.looked < getattr(door, "pause", PAUSE):
            return
        mark = door.mark()
        if mark == room.mark and now - room.looked < TURN:
            return
        room.mark, room.looked = mark, now
        # Many hear the same: it is put on the wire once, and the loop is called once for all of them.
        pieces: dict[int, bytes] = {}
        news = []
        told = door.look(list(room.audiences.values()))
        for key, events in told.items():
            if id(events) not in pieces:
                pieces[id(events)] = b"".join(event.encode() for event in events)
            if piece := pieces[id(events)]:
                news.append((key, piece))
        if news:
            self._call(self._hub.tell_bytes, news)

    def _tidy(self, door: Door, room: _Room) -> None:
        """Now and then: forget who has gone, ask whether some of the others may still listen."""
        now = time.monotonic()
        if now - room.tidied < TIDY:
            return
        room.tidied = now
        if now - room.swept > TURN:
            room.swept = now
            for key, then in tuple(room.checked.items()):
                # Who was just let in may not have been subscribed by the loop yet.
                if now - then > TURN and not self._hub.listens(key):
                    del room.audiences[key], room.checked[key]
        waiting = takewhile(lambda each: now - each[1] > CHECK, room.checked.items())
        if due := [key for key, _then in islice(waiting, 1 + int(len(room.checked) * PART))]:
            remaining = door.remain([room.audiences[key] for key in due])
            for key in due:
                room.check(key, now)
                if key not in remaining:
                    self._call(self._hub.dismiss, key)

    def _call(self, function: Callable[..., None], *arguments: Any) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *arguments)


class Streams:
    """An ASGI application for the addresses in `doors`."""

    def __init__(self, doors: Mapping[str, Door], hub: Hub | None = None) -> None:
        self.doors = doors
        self.hub = hub or here
        self.watch = Watch(self.hub)

    def __contains__(self, path: str) -> bool:
        return path in self.doors

    async def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["method"] != "GET":
            await _refuse(send, 405)
            return
        if self.hub.is_closed or self.watch.is_full:
            await _refuse(send, 503)
            return
        try:
            listener = await self.watch.enter(self.doors[scope["path"]], Asked.read(scope))
        except Exception:
            await _refuse(send, 503)
            return
        if listener is None:
            await _refuse(send, 401)
            return
        await self._stream(listener, receive, send)

    async def _stream(self, listener: Listener, receive: Any, send: Any) -> None:
        leaving = asyncio.ensure_future(_notice_the_end(receive, listener))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS, "trailers": False})
            while piece := await listener.next():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            leaving.cancel()
            self.hub.leave(listener)


# One for each process; the web server closes it before it ends, because open streams would hold it up.
here = Hub()


async def _notice_the_end(receive: Any, listener: Listener) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.end()


async def _refuse(send: ASGISendCallable, status: int) -> None:
    headers = [(b"content-length", b"0"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _fail(admitted: Future[Any], error: Exception) -> None:
    if not admitted.done():
        admitted.set_exception(error)

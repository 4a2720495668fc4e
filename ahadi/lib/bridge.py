"""Serves a WSGI application inside an ASGI server: each request runs in a thread, bodies stream both ways.

Threads rather than Django's own ASGI handler, which costs several times as much per request and opens a
database connection per request in flight; here there are never more connections than threads.
"""

from __future__ import annotations

import asyncio
import io
import logging
import sys
from asyncio import AbstractEventLoop, Future
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, BinaryIO
from urllib.parse import unquote_to_bytes

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope

from ahadi.lib.threads import Pool

log = logging.getLogger(__name__)

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Whole = tuple[int, list[tuple[bytes, bytes]], bytes]

# A body announced as small is read before a thread is taken, so that slow senders hold no thread.
SMALL_BODY = 64 * 1024
# WSGI knows bodies of a known length only: one sent in chunks is collected first, up to this many bytes.
CHUNKED_BODY = 2 * 1024 * 1024
BLOCK = 128 * 1024


class Disconnected(Exception):
    """The other side went away before the answer was complete."""


class _TooLong(Exception):
    """A body without an announced length that is too long to be collected first."""


class Bridge:
    """An ASGI application for `http` scopes that runs a WSGI application in threads.

    Few threads answer, because more of them only wait for the interpreter and for each other; bodies that
    come or go slowly have threads of their own, so that they hold no page up.
    """

    def __init__(self, application: Application, threads: int = 4, slow: int = 16) -> None:
        self.application = application
        self.pool = Pool(threads, name="web")
        self.slow = Pool(slow, name="web-slow")

    async def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        loop = asyncio.get_running_loop()
        talk = _Talk(loop, receive, send)
        environ = _environ(scope)
        try:
            environ["wsgi.input"] = await _body(environ, talk)
            await self._answer(environ, talk)
        except Disconnected:
            log.info("%s left before the answer was complete", environ["PATH_INFO"])
        except _TooLong:
            await talk.whole(411, [(b"content-length", b"0"), (b"connection", b"close")], b"")
        finally:
            talk.end()

    async def _answer(self, environ: Environ, talk: _Talk) -> None:
        answer = _Answer(self.application, environ, talk)
        pool = self.pool if isinstance(environ["wsgi.input"], io.BytesIO) else self.slow
        whole = await pool.run(talk.loop, answer.give)
        if whole is None:
            await self.slow.run(talk.loop, answer.go_on)
        else:
            await talk.whole(*whole)


class _Talk:
    """One request and its answer on the event loop; threads reach it through `call`."""

    def __init__(self, loop: AbstractEventLoop, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        self.loop, self._receive, self._send = loop, receive, send
        self.is_read = False
        self.is_gone = False
        self._watch: Future[None] | None = None

    def call(self, function: Any, *args: Any) -> Any:
        """Run a coroutine function of this object on the event loop and wait for it, from a thread."""
        return asyncio.run_coroutine_threadsafe(function(*args), self.loop).result()

    async def more(self) -> bytes:
        """The next piece of the request body; empty at its end."""
        while not self.is_read:
            event: Any = await self._receive()
            if event["type"] == "http.disconnect":
                self.is_gone = True
                raise Disconnected
            self.is_read = not event.get("more_body", False)
            if piece := event.get("body", b""):
                return bytes(piece)
        return b""

    async def start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Send the head of the answer, and from now on notice when the reader leaves."""
        if self.is_read:
            self._watch = asyncio.ensure_future(self._notice_the_end())
        await self._send(
            {"type": "http.response.start", "status": status, "headers": headers, "trailers": False}
        )

    async def piece(self, body: bytes, more: bool) -> None:
        """Send a piece of the answer; waits while the reader is slow, raises Disconnected when he left."""
        if self.is_gone:
            raise Disconnected
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    async def whole(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        """Send an answer that is complete."""
        await self._send(
            {"type": "http.response.start", "status": status, "headers": headers, "trailers": False}
        )
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def _notice_the_end(self) -> None:
        # A request without a body still announces its empty end first.
        while True:
            event: Any = await self._receive()
            if event["type"] == "http.disconnect":
                self.is_gone = True
                return

    def end(self) -> None:
        if self._watch is not None:
            self._watch.cancel()


class _Answer:
    """One run of the application, in threads."""

    def __init__(self, application: Application, environ: Environ, talk: _Talk) -> None:
        self.application, self.environ, self.talk = application, environ, talk
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.length: int | None = None
        self.pieces: Iterable[bytes] = ()
        self.rest: Iterator[bytes] = iter(())
        self.first = b""

    def give(self) -> Whole | None:
        """Run the application as far as its first piece: the whole answer, or None when more follows."""
        self.pieces = self.application(self.environ, self._begin)
        try:
            self.rest = iter(self.pieces)
            self.first = next(self.rest, b"")
        except BaseException:
            self._close()
            raise
        if self.environ["REQUEST_METHOD"] == "HEAD":
            self.first, is_whole = b"", True
        else:
            is_whole = self.length is not None and len(self.first) >= self.length
        if not is_whole:
            return None
        self._close()
        return self.status, self.headers, self.first

    def go_on(self) -> None:
        """Send an answer of several pieces, at the pace of its reader."""
        try:
            self.talk.call(self.talk.start, self.status, self.headers)
            for piece in chain([self.first], self.rest):
                if piece:
                    self.talk.call(self.talk.piece, piece, True)
            self.talk.call(self.talk.piece, b"", False)
        finally:
            self._close()

    def _close(self) -> None:
        close = getattr(self.pieces, "close", None)
        if close is not None:
            close()

    def _begin(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[..., Any]:
        self.status = int(status[:3])
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self.length = next((int(value) for name, value in self.headers if name == b"content-length"), None)
        return _refuse_write


class _Upload(io.RawIOBase):
    """A request body read from the event loop piece by piece as the application asks for it."""

    def __init__(self, talk: _Talk) -> None:
        self._talk = talk
        self._piece = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._piece:
            self._piece = self._talk.call(self._talk.more)
        size = min(len(buffer), len(self._piece))
        buffer[:size] = self._piece[:size]
        self._piece = self._piece[size:]
        return size


class _Pieces:
    """A file sent in large blocks, for `wsgi.file_wrapper`."""

    def __init__(self, file: BinaryIO, block: int = BLOCK) -> None:
        self._file = file
        self.close = file.close

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._file.read(BLOCK):
            yield piece


async def _body(environ: Environ, talk: _Talk) -> io.BufferedIOBase:
    length = environ.get("CONTENT_LENGTH", "")
    is_chunked = "HTTP_TRANSFER_ENCODING" in environ
    if not length and not is_chunked:
        talk.is_read = True
        return io.BytesIO()
    if is_chunked:
        body = await _collect(talk, CHUNKED_BODY)
        environ["CONTENT_LENGTH"] = str(len(body))
        return io.BytesIO(body)
    if not length.isdigit() or int(length) > SMALL_BODY:
        return io.BufferedReader(_Upload(talk), BLOCK)
    return io.BytesIO(await _collect(talk, SMALL_BODY))


async def _collect(talk: _Talk, limit: int) -> bytes:
    pieces, size = [], 0
    while piece := await talk.more():
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise _TooLong
    return b"".join(pieces)


def _environ(scope: HTTPScope) -> Environ:
    client, server = scope["client"] or ("", 0), scope["server"] or ("localhost", 0)
    path = scope.get("raw_path") or scope["path"].encode()
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 80),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": _Pieces,
    }
    _add_headers(environ, scope["headers"])
    return environ


def _add_headers(environ: Environ, headers: Iterable[tuple[bytes, bytes]]) -> None:
    for raw_name, raw_value in headers:
        # X_Forwarded_For would arrive as X-Forwarded-For: names with an underscore are somebody's trick.
        if b"_" in raw_name:
            continue
        name, value = raw_name.decode("latin-1").upper().replace("-", "_"), raw_value.decode("latin-1")
        key = name if name in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{name}"
        if key in environ:
            value = environ[key] + ("; " if name == "COOKIE" else ",") + value
        environ[key] = value


def _refuse_write(body: bytes) -> None:
    raise NotImplementedError("The bridge has no write(): return the body instead.")

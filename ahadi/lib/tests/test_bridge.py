"""A WSGI application answers inside an ASGI server, and bodies stream both ways."""

from __future__ import annotations

import asyncio
import threading

import pytest

from ahadi.lib.bridge import BLOCK, CHUNKED_BODY, SMALL_BODY, Bridge
from ahadi.lib.tests import loops


class Reader:
    """The other side: sends pieces, keeps what it got, leaves after so many pieces."""

    def __init__(self, pieces=(), leaves_after=None):
        self.pieces = list(pieces) or [b""]
        self.leaves_after = leaves_after
        self.asked = 0
        self.got = []
        self.left = asyncio.Event()

    async def receive(self):
        self.asked += 1
        if self.pieces:
            piece = self.pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(self.pieces)}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, event):
        self.got.append(event)
        if self.leaves_after is not None and len(self.bodies) >= self.leaves_after:
            self.left.set()
            await asyncio.sleep(0)

    @property
    def bodies(self):
        return [
            event["body"] for event in self.got if event["type"] == "http.response.body" and event["body"]
        ]

    @property
    def status(self):
        return self.got[0]["status"]


def ask(application, method="GET", headers=(), path=b"/", reader=None, pieces=(), **scope):
    async def talk():
        nonlocal reader
        reader = reader or Reader(pieces)
        given = {
            "type": "http",
            "method": method,
            "raw_path": path,
            "path": "/",
            "query_string": b"a=1",
            "http_version": "1.1",
            "scheme": "https",
            "client": ("192.0.2.7", 5000),
            "server": ("127.0.0.1", 8000),
            "headers": list(headers),
            **scope,
        }
        await asyncio.wait_for(Bridge(application, threads=2)(given, reader.receive, reader.send), 10)
        return reader

    return loops.play(talk())


def hello(environ, start):
    start("200 OK", [("Content-Length", "5")])
    return [b"hello"]


def test_a_short_answer_goes_out_whole():
    reader = ask(hello)

    assert [event["type"] for event in reader.got] == ["http.response.start", "http.response.body"]
    assert reader.got[0]["headers"] == [(b"content-length", b"5")]
    assert reader.bodies == [b"hello"]


def test_the_application_learns_who_asks_for_what():
    seen = {}

    def look(environ, start):
        seen.update(environ)
        return hello(environ, start)

    ask(
        look,
        path=b"/a%20%D8%A7%2F%ff",
        headers=[
            (b"host", b"help.example.com"),
            (b"cookie", b"a=1"),
            (b"cookie", b"b=2"),
            (b"accept", b"x"),
            (b"accept", b"y"),
            (b"x_forwarded_for", b"forged"),
            (b"content-type", b"text/plain"),
        ],
    )

    assert seen["PATH_INFO"].encode("latin-1") == b"/a \xd8\xa7/\xff"
    assert (seen["REMOTE_ADDR"], seen["wsgi.url_scheme"], seen["QUERY_STRING"]) == (
        "192.0.2.7",
        "https",
        "a=1",
    )
    assert (seen["HTTP_COOKIE"], seen["HTTP_ACCEPT"], seen["CONTENT_TYPE"]) == (
        "a=1; b=2",
        "x,y",
        "text/plain",
    )
    assert "HTTP_X_FORWARDED_FOR" not in seen


def test_the_head_of_an_answer_has_no_body():
    reader = ask(hello, method="HEAD")

    assert reader.bodies == []
    assert reader.got[0]["headers"] == [(b"content-length", b"5")]


def test_a_long_answer_is_sent_piece_by_piece():
    reached = []

    def count(environ, start):
        start("200 OK", [])
        for number in range(3):
            reached.append(number)
            yield b"%d" % number

    reader = ask(count)

    assert reader.bodies == [b"0", b"1", b"2"]
    assert reader.got[-1]["more_body"] is False


def test_an_endless_answer_ends_when_the_reader_leaves():
    class Endless:
        closed = False

        def __iter__(self):
            while True:
                yield b"x"

        def close(self):
            Endless.closed = True

    def stream(environ, start):
        start("200 OK", [])
        return Endless()

    reader = ask(stream, reader=Reader(leaves_after=3))

    assert Endless.closed
    assert len(reader.bodies) < 100


def test_a_file_is_sent_in_large_blocks(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"x" * (BLOCK * 2 + 1))
    file = path.open("rb")

    def send(environ, start):
        start("200 OK", [("Content-Length", str(BLOCK * 2 + 1))])
        return environ["wsgi.file_wrapper"](file, 4096)

    reader = ask(send)

    assert [len(body) for body in reader.bodies] == [BLOCK, BLOCK, 1]
    assert file.closed


def echo(environ, start):
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def test_a_small_body_arrives():
    reader = ask(echo, method="POST", headers=[(b"content-length", b"6")], pieces=[b"abc", b"def"])

    assert reader.bodies == [b"abcdef"]


def test_a_large_body_is_read_only_as_far_as_the_application_asks():
    def look(environ, start):
        environ["wsgi.input"].read(10)
        return hello(environ, start)

    sender = None

    def sending():
        nonlocal sender
        sender = Reader([b"x" * BLOCK] * 50)
        return sender

    async def make():
        return sending()

    reader = ask(
        look,
        method="POST",
        headers=[(b"content-length", b"%d" % (BLOCK * 50))],
        reader=loops.play(make()),
    )

    assert reader.bodies == [b"hello"]
    assert reader.asked <= 3


def test_a_large_body_arrives_whole():
    pieces = [bytes([number]) * SMALL_BODY for number in range(5)]

    reader = ask(echo, method="POST", headers=[(b"content-length", b"%d" % (SMALL_BODY * 5))], pieces=pieces)

    assert b"".join(reader.bodies) == b"".join(bytes([number]) * SMALL_BODY for number in range(5))


def test_a_body_in_chunks_gets_its_length():
    reader = ask(echo, method="POST", headers=[(b"transfer-encoding", b"chunked")], pieces=[b"abc", b"d"])

    assert reader.bodies == [b"abcd"]


def test_a_body_in_chunks_without_an_end_is_refused():
    pieces = [b"x" * SMALL_BODY] * (CHUNKED_BODY // SMALL_BODY + 2)

    reader = ask(echo, method="POST", headers=[(b"transfer-encoding", b"chunked")], pieces=pieces)

    assert reader.status == 411


def test_nothing_runs_for_a_sender_who_left_before_the_end():
    ran = threading.Event()

    def mark(environ, start):
        ran.set()
        return hello(environ, start)

    class Gone(Reader):
        async def receive(self):
            return {"type": "http.disconnect"}

    async def make():
        return Gone()

    reader = ask(mark, method="POST", headers=[(b"content-length", b"5")], reader=loops.play(make()))

    assert reader.got == []
    assert not ran.is_set()


def test_an_error_outside_of_the_application_reaches_the_server():
    def fail(environ, start):
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        ask(fail)


def test_requests_share_a_few_threads():
    names = set()

    def look(environ, start):
        names.add(threading.current_thread().name)
        return hello(environ, start)

    async def crowd():
        bridge = Bridge(look, threads=3)
        scope = {
            "type": "http", "method": "GET", "raw_path": b"/", "path": "/", "query_string": b"",
            "http_version": "1.1", "scheme": "http", "client": None, "server": None, "headers": [],
        }  # fmt: skip
        readers = [Reader() for _ in range(50)]
        await asyncio.gather(*(bridge(scope, reader.receive, reader.send) for reader in readers))
        return readers

    readers = loops.play(crowd())

    assert [reader.bodies for reader in readers] == [[b"hello"]] * 50
    assert len(names) <= 3

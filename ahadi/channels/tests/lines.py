"""Telephone systems for tests: a line, a call that was accepted, and another side that hears and answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ahadi.channels.models import PhoneLine
from ahadi.channels.phone import calls, telephony
from ahadi.lib.board import Board
from ahadi.people import identify
from ahadi.people.models import Address
from ahadi.routing import ringing
from ahadi.testing import make

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NUMBER = "+442079460182"


def new_line(kind: str, secret: str, **fields: Any) -> PhoneLine:
    """A telephone system with its secret."""
    made = PhoneLine(name="Front desk", kind=kind, team=make.team(), **fields)
    made.keep(secret)
    made.save()
    return made


@contextmanager
def fake(answer: tuple[int, bytes]) -> Iterator[tuple[str, list[Any]]]:
    """A telephone system on this machine: hears what is asked and answers as it is told."""
    asked: list[Any] = []

    def hear(handler: Any) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0)).decode()
        asked.append((urlsplit(handler.path), parse_qs(body), handler.headers.get("Authorization")))
        status, content = answer
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    doors = {"do_POST": hear, "do_GET": hear, "do_DELETE": hear, "log_message": lambda *_arguments: None}
    server = HTTPServer(("127.0.0.1", 0), type("Door", (BaseHTTPRequestHandler,), doors))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def board(tmp_path, monkeypatch):
    """A board with nothing on it."""
    found = Board(tmp_path / "board.sqlite3")
    monkeypatch.setattr(ringing, "board", lambda: found)
    return found


@pytest.fixture
def line():
    """A telephone system that signs what it tells."""
    make.company()
    return new_line("events", SECRET)


@pytest.fixture
def accepted():
    """A call-back that an agent has accepted."""
    make.company()
    agent = make.agent("Mara Lind", preferences={telephony.EXTENSION: "PJSIP/100"})
    number = identify.find_or_create(Address.Kind.PHONE, NUMBER, "Anna Kern", "en")
    call = calls.ask(calls.Wish(number, "Please call me.", "en"))
    calls.accept(call.ring, agent)
    call.refresh_from_db()
    return call

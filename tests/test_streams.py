"""Open streams of a running product: every web server hears every change, and none holds up the end."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from http.cookiejar import CookieJar
from threading import Thread
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest
from redis.exceptions import RedisError

from ahadi.lib.environment import ROOT
from ahadi.testing import prepared
from tests.browser.place import free_port, wait_for
from tests.test_up import surroundings

SEVERAL = 6


class Stream(Thread):
    """One open stream, and what it has heard so far."""

    def __init__(self, url: str, cookie: str) -> None:
        super().__init__(daemon=True)
        self.connection = HTTPConnection(urlsplit(url).netloc, timeout=30)
        self.connection.request("GET", "/desk/stream/", headers={"Cookie": cookie})
        self.answer = self.connection.getresponse()
        self.text = ""
        self.ended = 0.0
        self.start()

    def run(self) -> None:
        while line := self.answer.readline():
            self.text += line.decode()
        self.ended = time.monotonic()

    def hears(self, words: str, seconds: float = 5) -> float:
        """How long it took to hear this."""
        begun = time.monotonic()
        while words not in self.text:
            assert time.monotonic() - begun < seconds, self.text
            time.sleep(0.005)
        return time.monotonic() - begun


class House:
    """A running product with an agent who is signed in."""

    def __init__(self, url: str, given: dict[str, str]) -> None:
        self.url, self.given = url, given
        self.jar = CookieJar()
        self.browser: OpenerDirector = build_opener(HTTPCookieProcessor(self.jar))
        self.token = ""

    def ask(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "ahadi", *arguments]
        return subprocess.run(
            command, env=self.given, cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout

    def sign_in(self) -> None:
        self.ask("agent", "create", "ada@marlo.example", "--name", "Ada Stone", "--admin")
        link = self.ask("agent", "link", "ada@marlo.example").split()[-1]
        page = self.browser.open(link).read().decode()
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        body = urlencode({"csrfmiddlewaretoken": token[1]}).encode()
        self.browser.open(Request(link, body, {"Referer": link}))
        scopes = "tickets:read,tickets:write"
        self.token = self.ask("token", "create", "--agent", "ada@marlo.example", "--scopes", scopes).strip()

    @property
    def cookie(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.jar)

    def open_ticket(self) -> str:
        who = {"email": f"anna{time.time_ns()}@post.example", "name": "Anna"}
        body = {"subject": "It stops", "body": "It stops after two seconds.", "requester": who}
        request = Request(f"{self.url}/api/v1/tickets", json.dumps(body).encode())
        request.add_header("Authorization", f"Bearer {self.token}")
        request.add_header("Content-Type", "application/json")
        with self.browser.open(request, timeout=10) as answer:
            return json.load(answer)["number"]


@contextmanager
def process(*command: str, **named) -> Iterator[subprocess.Popen]:
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, **named)
    try:
        yield started
    finally:
        started.kill()
        started.wait(10)


def given(folder, **more: str) -> dict[str, str]:
    port = free_port()
    prepared.copy(folder)
    return surroundings(folder, AHADI_PORT=str(port), AHADI_URL=f"http://localhost:{port}", **more)


def test_every_web_server_hears_every_change_and_ends_at_once(tmp_path):
    surrounding = given(tmp_path)
    house = House(surrounding["AHADI_URL"], surrounding)
    with process(sys.executable, "-m", "ahadi", "up", env=surrounding, cwd=ROOT) as product:
        wait_for(f"{house.url}/healthz")
        house.sign_in()
        # Connections are dealt out in turn, so these are at all web servers.
        streams = [Stream(house.url, house.cookie) for _ in range(SEVERAL)]
        for stream in streams:
            stream.hears("event: hello")
        number = house.open_ticket()
        slowest = max(stream.hears(number) for stream in streams)
        begun = time.monotonic()
        product.send_signal(signal.SIGTERM)
        status = product.wait(10)
        took = time.monotonic() - begun
        for stream in streams:
            stream.join(5)

    assert slowest < 2
    assert status == 0
    assert took < 3
    # Well before the grace is over in which others may finish what they read.
    assert all(stream.ended - begun < 1.5 for stream in streams)


def test_nobody_listens_without_having_signed_in(tmp_path):
    surrounding = given(tmp_path)
    house = House(surrounding["AHADI_URL"], surrounding)
    with process(sys.executable, "-m", "ahadi", "up", env=surrounding, cwd=ROOT):
        wait_for(f"{house.url}/healthz")
        statuses = [
            Stream(house.url, cookie).answer.status
            for cookie in ("", "session=none", "session=", "session=%00")
        ]

    assert statuses == [401] * 4


def test_colleagues_at_two_machines_see_each_other_through_redis(tmp_path):
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server on this machine")
    from ahadi.lib.board import Note, SharedBoard

    port = free_port()
    with ExitStack() as stack:
        server = ("redis-server", "--port", str(port), "--save", "", "--dir", str(tmp_path))
        stack.enter_context(process(*server))
        url = f"redis://127.0.0.1:{port}/0"
        here, there = (SharedBoard(tmp_path / f"{name}.sqlite3", url) for name in ("here", "there"))
        before = _answering(here)
        here.put("K7QF-9T2M-XR4D", "1:t1", ["Ioana"], 60)
        here.put("K7QF-9T2M-XR4D", "2:t1", ["Jonas"], -1)
        seen, mark = there.read(), there.mark()
        there.tidy()
        here.take("K7QF-9T2M-XR4D", "1:t1")

        assert seen == [Note("K7QF-9T2M-XR4D", "1:t1", ["Ioana"])]
        assert mark != before
        assert there.read() == []


def _answering(board) -> object:
    for _ in range(200):
        try:
            board._redis.ping()
        except RedisError:
            time.sleep(0.02)
        else:
            return board.mark()
    raise AssertionError("Redis did not start")

"""Web and work apart, with Redis between them: they share what they must, and manage while it is away."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.request import Request, urlopen

import pytest

from ahadi.lib.environment import ROOT
from ahadi.testing import prepared
from tests.browser.place import wait_for
from tests.test_up import free_port, surroundings

# Seconds; a worker that nobody wakes looks again every two.
AT_ONCE = 1.5


@dataclass
class House:
    """A running product whose web servers and workers know each other by Redis alone."""

    url: str
    given: dict[str, str]
    redis: subprocess.Popen

    def ask(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "ahadi", *arguments]
        return subprocess.run(
            command, env=self.given, cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout

    def write(self, token: str, number: int) -> int:
        """Somebody writes by the API."""
        who = {"email": f"anna{number}@post.example", "name": "Anna"}
        body = {"subject": "It stops", "body": "It stops after two seconds.", "requester": who}
        request = Request(f"{self.url}/api/v1/tickets", json.dumps(body).encode())
        request.add_header("Authorization", f"Bearer {token}")
        request.add_header("Content-Type", "application/json")
        with urlopen(request, timeout=10) as answer:
            return answer.status

    def health(self) -> dict:
        with urlopen(f"{self.url}/healthz?full", timeout=10) as answer:
            return json.load(answer)["parts"]

    def work_left(self, seconds: float) -> float:
        """How long it took until nothing was left to do."""
        began = time.monotonic()
        while self.health()["outbox"]["waiting"]:
            assert time.monotonic() - began < seconds
            time.sleep(0.02)
        return time.monotonic() - began


@contextmanager
def process(*command: str, **named) -> Iterator[subprocess.Popen]:
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **named)
    try:
        yield started
    finally:
        started.terminate()
        started.wait(10)


@pytest.fixture
def house(tmp_path) -> Iterator[House]:
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server on this machine")
    port, redis_port = free_port(), free_port()
    url, redis_url = f"http://localhost:{port}", f"redis://127.0.0.1:{redis_port}/0"
    given = surroundings(tmp_path, AHADI_PORT=str(port), AHADI_URL=url, AHADI_REDIS=redis_url)
    server = ["redis-server", "--port", str(redis_port), "--save", "", "--dir", str(tmp_path)]
    prepared.copy(tmp_path)
    with ExitStack() as stack:
        redis = stack.enter_context(process(*server))
        house = House(url, given, redis)
        for part in ("web", "work"):
            stack.enter_context(process(sys.executable, "-m", "ahadi", part, env=given, cwd=ROOT))
        wait_for(f"{url}/healthz")
        yield house


def test_web_and_work_find_each_other_and_survive_without_redis(house):
    house.ask("agent", "create", "ada@marlo.example", "--name", "Ada Stone", "--admin")
    token = house.ask(
        "token", "create", "--agent", "ada@marlo.example", "--scopes", "tickets:read,tickets:write"
    ).strip()
    house.write(token, 0)
    house.work_left(20)

    waits = []
    for number in (1, 2, 3):
        house.write(token, number)
        waits.append(house.work_left(20))
    with_redis = house.health()["redis"]
    house.redis.terminate()
    house.redis.wait(10)
    written = house.write(token, 4)
    house.work_left(20)
    without = house.health()["redis"]

    # Each was woken: three waits for the next look would take longer together.
    assert sum(waits) < 3 * AT_ONCE
    assert min(waits) < AT_ONCE
    assert with_redis == {"ok": True, "used": True}
    assert written == 201
    assert without == {"ok": False, "used": True}

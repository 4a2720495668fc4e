"""python -m bench.calls: from the click on "Call me" to the ring at a desk, while somebody is free.

python -m bench.calls                              60 customers at random within three minutes, 8 desks
python -m bench.calls --clicks 20 --seconds 40     less of everything
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench import product

# Nobody who writes by hand is faster; a form that comes back sooner is asked again.
WRITING = 2.5
# Whoever hears a ring accepts it within so many seconds, and speaks for about so many.
ACCEPTS, SPEAKS = (0.5, 3.0), 12.0
PATIENCE = 60.0

PREPARE = """
from django.test import Client
from ahadi.people.models import Company, Team
from ahadi.testing import make
hours = Company.current().working_hours
hours.hours = {{day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}}
hours.holidays = {{}}
hours.save()
for number in range({desks}):
    client = Client()
    client.force_login(make.agent(f"Agent {{number}}", teams=[Team.objects.order_by("pk")[0]]))
    print(client.cookies["session"].value)
"""
FREE = """
from ahadi.routing.models import Ring
for was_free, words in Ring.objects.filter(cause="call").values_list(
    "was_free", "ticket__entries__words__text"
):
    if str(words).startswith("Call "):
        print(int(was_free), words.split()[1])
"""


def main() -> int:
    """Let customers click and desks ring, and print how long it took."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.calls",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--clicks", type=int, default=60, help="customers who want to be called now")
    parser.add_argument("--seconds", type=float, default=180, help="within which they come, at random")
    parser.add_argument("--desks", type=int, default=8, help="agents with the desk open")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ahadi-calls-") as folder:
        product._ahadi(product.prepare(Path(folder)), "setup")
        with product.running(Path(folder)) as served:
            sessions = served.run(PREPARE.format(desks=given.desks)).split()
            house = _play(given, served.url, sessions)
            free = {int(row.split()[1]): row.startswith("1") for row in served.run(FREE).splitlines()}
    _print(given, house, free)
    return 0


@dataclass
class _House:
    """When who clicked, and when it rang for them at the first desk."""

    clicked: dict[int, float] = field(default_factory=dict)
    rung: dict[int, float] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    is_over: bool = False


class _Window:
    """A browser without pictures: its cookies, and a network of its own."""

    def __init__(self, url: str, number: int, session: str = "") -> None:
        parts = urlsplit(url)
        self.host, self.port = str(parts.hostname), int(parts.port or 80)
        # Each customer comes from elsewhere: how often one network may ask is no part of this.
        self.source = (f"127.0.{1 + number // 200}.{1 + number % 200}", 0)
        self.cookies = {"session": session} if session else {}

    def call(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str, str]:
        """One request; its status, where it leads, and its text."""
        line = HTTPConnection(self.host, self.port, timeout=PATIENCE, source_address=self.source)
        body = urlencode(fields).encode() if fields is not None else None
        line.request(method, path, body, self._head(body))
        answer = line.getresponse()
        text = answer.read().decode()
        for given in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: each.value for name, each in SimpleCookie(given).items()}
        line.close()
        return answer.status, answer.headers.get("Location", ""), text

    def listen(self, path: str) -> Any:
        """The lines of a stream."""
        line = HTTPConnection(self.host, self.port, timeout=PATIENCE, source_address=self.source)
        line.request("GET", path, headers=self._head(None))
        return line.getresponse()

    def _head(self, body: bytes | None) -> dict[str, str]:
        form = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **form}


# ── who plays ───────────────────────────────────────────────────────────────


def _play(given: argparse.Namespace, url: str, sessions: list[str]) -> _House:
    house, chance = _House(), Random(7)
    desks = [
        threading.Thread(target=_sit, args=(house, _Window(url, number, session)), daemon=True)
        for number, session in enumerate(sessions)
    ]
    for desk in desks:
        desk.start()
    # A desk says that somebody sits there when its stream begins.
    time.sleep(4)
    begun = time.monotonic()
    moments = sorted(chance.uniform(0, given.seconds) for _each in range(given.clicks))
    coming = []
    for number, moment in enumerate(moments):
        time.sleep(max(0, begun + moment - time.monotonic()))
        window = _Window(url, 300 + number)
        coming.append(threading.Thread(target=_come, args=(house, window, number)))
        coming[-1].start()
    for customer in coming:
        customer.join()
    end = time.monotonic() + PATIENCE
    while len(house.rung) < len(house.clicked) and time.monotonic() < end:
        time.sleep(0.2)
    house.is_over = True
    return house


def _come(house: _House, window: _Window, number: int) -> None:
    """A customer: opens the page, writes, clicks."""
    _status, _place, text = window.call("GET", "/call/")
    time.sleep(WRITING)
    fields = {name: _value(text, name) for name in ("csrfmiddlewaretoken", "key")}
    # Numbers that are kept for plays and films.
    fields |= {"phone": f"+4420794601{number % 100:02}", "when": "now", "text": f"Call {number} please"}
    house.clicked[number] = time.monotonic()
    status, _place, text = window.call("POST", "/call/", fields)
    if status != 302:
        house.refused.append(f"{status} {re.sub('<[^>]+>', ' ', text)[:200]}")
        del house.clicked[number]


def _sit(house: _House, window: _Window) -> None:
    """An agent: hears that it rings, looks, accepts, speaks, writes down what came of it."""
    chance, busy = Random(window.source[0]), threading.Lock()
    for line in window.listen("/desk/stream/"):
        if house.is_over:
            return
        if line.strip() != b"event: ring":
            continue
        ring, token = _look(house, window)
        if ring and busy.acquire(blocking=False):
            told = (house, window, ring, token, chance, busy)
            threading.Thread(target=_speak, args=told, daemon=True).start()


def _look(house: _House, window: _Window) -> tuple[str, str]:
    """What rings at this desk: where it is accepted, and the word that forms carry."""
    _status, _place, panel = window.call("GET", "/desk/rings/")
    now = time.monotonic()
    for number in re.findall(r"Call (\d+) please", panel):
        house.rung.setdefault(int(number), now)
    ring = re.search(r"/desk/rings/\d+/acceptance/", panel)
    return ring[0] if ring else "", _value(panel, "csrfmiddlewaretoken")


def _speak(*told: Any) -> None:
    # Whoever still speaks when the product ends hangs up.
    with suppress(OSError):
        _talk(*told)


def _talk(
    house: _House, window: _Window, ring: str, token: str, chance: Random, busy: threading.Lock
) -> None:
    while ring and not house.is_over:
        time.sleep(chance.uniform(*ACCEPTS))
        _status, place, _text = window.call("POST", ring, {"csrfmiddlewaretoken": token})
        if place.endswith("/call/"):
            time.sleep(chance.expovariate(1 / SPEAKS))
            _status, _place, text = window.call("GET", place)
            fields = {name: _value(text, name) for name in ("csrfmiddlewaretoken", "number")}
            fields |= {"outcome": "reached", "direction": "out", "text": "We spoke.", "solve": "on"}
            status, _place, text = window.call("POST", place, fields)
            if status != 302:
                house.refused.append(f"outcome {status}")
        # Whoever was not the first, or is free again, sees what still rings.
        ring, token = _look(house, window)
    busy.release()


def _value(text: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', text)
    return found[1] if found else ""


# ── what came of it ─────────────────────────────────────────────────────────


def _print(given: argparse.Namespace, house: _House, free: dict[int, bool]) -> None:
    print(
        f"\n| {given.clicks} clicks within {given.seconds:g} s, {given.desks} desks | " + " | ".join(_HEADS)
    )
    print("|---|" + "---|" * len(_HEADS))
    for name, is_free in (("while somebody was free", True), ("while nobody was", False)):
        asked = [number for number in house.clicked if free.get(number) is is_free]
        waits = sorted(house.rung.get(number, 1e9) - house.clicked[number] for number in asked)
        if waits:
            print(f"| {name} | {' | '.join(_row(waits))} |")
    for why in house.refused[:5]:
        print(f"refused: {why}")


_HEADS = ("clicks", "half within", "95 % within", "longest", "within 20 s")


def _row(waits: list[float]) -> list[str]:
    soon = sum(wait < 20 for wait in waits) / len(waits)
    shown = [waits[(len(waits) - 1) // 2], waits[-(-len(waits) * 95 // 100) - 1], waits[-1]]
    return [str(len(waits)), *(f"{wait:.2f} s" for wait in shown), f"{soon:.0%}"]


if __name__ == "__main__":
    sys.exit(main())

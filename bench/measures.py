"""What is measured, and what was wanted: pages, answers, requests by API, mails, search, memory, start."""

from __future__ import annotations

import http.cookiejar
import json
import re
import smtplib
import subprocess
import threading
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from itertools import cycle

from bench.load import Request, Result, run
from bench.product import VOUCHED, Product

WANTED = {
    "filling in": "under 300 s for 100,000",
    "cold start": "under 3 s",
    "memory, idle": "under 300 MB",
    "inbox page of 50 rows": "300/s, p95 under 60 ms",
    "ticket page": "300/s",
    "new ticket by API": "100/s",
    "reply by API": "150/s",
    "reply posted at the desk": "150/s",
    "search, rare word": "p95 under 50 ms",
    "search, common word": "p95 under 50 ms",
    "mail in by SMTP": "150/s as tickets on PostgreSQL, 120/s on SQLite",
}
MAILS = 500
# Seconds of a load that are not counted.
WARM_UP = 1.5
# More than one load asks for: everybody has one ticket, and every ticket its acknowledgement.
KNOWN = 4_000
WORDS = {
    "search, rare word": ("M-20418", "M-31337", "M-77777", "M-54321"),
    "search, common word": ("grinder", "آسیاب", "הזמנה", "comanda", "kinu"),
}


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    shown: str


def all_of(product: Product, seconds: float, connections: int) -> Iterator[Row]:
    """Every measure in turn; reading comes first, so that writing does not disturb it."""
    yield Row("cold start", f"{product.start_seconds:.1f} s")
    time.sleep(2)
    yield Row("memory, idle", f"{product.memory():.0f} MB")
    agent = Browser(product)
    token = product.ask("token", "create", "--agent", agent.email, "--scopes", "admin:*").split()[-1]
    numbers = _open_numbers(product, token)
    product.prove("api", KNOWN)
    product.prove("mail", MAILS)
    for name, result in _loads(product, agent, token, numbers, seconds, connections):
        yield Row(name, _show(result))
    yield Row("mail in by SMTP", _mail(product))
    yield Row("memory, after all", f"{product.memory():.0f} MB")


def _loads(
    product: Product, agent: Browser, token: str, numbers: list[str], seconds: float, connections: int
) -> Iterator[tuple[str, Result]]:
    tickets = cycle(numbers)

    def load(name: str, make: object, at_once: int = connections) -> tuple[str, Result]:
        # What the load before has left to the worker is not part of this one, nor is what a process and a
        # connection do once: reading for the first time and planning statements.
        run(name, product.url, lambda n: make(n + KNOWN // 2), WARM_UP, at_once)  # type: ignore[operator]
        drain(product)
        return name, run(name, product.url, make, seconds, at_once)  # type: ignore[arg-type]

    yield load("inbox page of 50 rows", lambda _: agent.get("/desk/open/"))
    yield load("ticket page", lambda _: agent.get(f"/desk/open/{next(tickets)}/"))
    for name, words in WORDS.items():
        asked = cycle(words)
        yield load(name, lambda _, asked=asked: agent.get(f"/desk/search/?q={_quote(next(asked))}"), 1)
    yield load("new ticket by API", lambda n: _new_ticket(token, n))
    yield load("reply by API", lambda n: _reply(token, next(tickets), n))
    # It waits for ten seconds, in which it can be taken back, before it becomes an entry.
    yield load("reply posted at the desk", lambda n: agent.reply(next(tickets), n))


class Browser:
    """A signed-in administrator: cookies, the CSRF token, and ready-made requests."""

    email = "bench@marlo.example"

    def __init__(self, product: Product) -> None:
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        try:
            link = product.ask("agent", "create", self.email, "--name", "Bench", "--admin").split()[-1]
        except subprocess.CalledProcessError:
            # Known from an earlier measurement on the same data.
            link = product.ask("agent", "link", self.email).split()[-1]
        page = self.opener.open(link).read().decode()
        form = urllib.parse.urlencode({"csrfmiddlewaretoken": _csrf(page)}).encode()
        self.opener.open(link, form)
        # Django takes the secret of the cookie itself as the token of a form.
        self.csrf = next(cookie.value or "" for cookie in self.jar if cookie.name == "csrf")
        self.cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.jar)

    def get(self, path: str) -> Request:
        """A page."""
        return Request("GET", path, {"Cookie": self.cookies})

    def reply(self, number: str, count: int) -> Request:
        """An answer that leaves the ticket open."""
        fields = {
            "csrfmiddlewaretoken": self.csrf,
            "text": f"Thank you for waiting, this is answer {count}.",
            "then": "open",
        }
        headers = {"Cookie": self.cookies, "Content-Type": "application/x-www-form-urlencoded"}
        body = urllib.parse.urlencode(fields).encode()
        return Request("POST", f"/desk/open/{number}/replies/", headers, body)


def _csrf(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if found is None:
        raise SystemExit("The page has no form to sign in with.")
    return found[1]


def _quote(word: str) -> str:
    return urllib.parse.quote(word)


def _show(result: Result) -> str:
    wrong = f", {result.wrong} refused" if result.wrong else ""
    return f"{result.per_second:.0f}/s, p50 {result.p50:.1f}, p95 {result.p95:.1f} ms{wrong}"


def _api(product: Product, token: str, path: str) -> dict[str, object]:
    request = urllib.request.Request(f"{product.url}{path}", headers={"Authorization": f"Bearer {token}"})
    found: dict[str, object] = json.load(urllib.request.urlopen(request))
    return found


def _open_numbers(product: Product, token: str) -> list[str]:
    listed = _api(product, token, "/api/v1/tickets?status=open&limit=100")["data"]
    return [ticket["number"] for ticket in listed]  # type: ignore[attr-defined]


def _new_ticket(token: str, count: int) -> Request:
    body = {
        "requester": {"email": f"api{count % KNOWN}@post.example", "name": "Ruth Ellis", "language": "en"},
        "subject": "The grinder stops after two seconds",
        "body": f"My grinder from order M-{count} runs for two seconds and then stops.",
    }
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid.uuid4()),
    }
    return Request("POST", "/api/v1/tickets", headers, json.dumps(body).encode())


def _reply(token: str, number: str, count: int) -> Request:
    body = json.dumps({"body": f"Thank you for waiting, this is answer {count}."}).encode()
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid.uuid4()),
    }
    return Request("POST", f"/api/v1/tickets/{number}/replies", headers, body)


def _mail(product: Product) -> str:
    drain(product)
    begun = time.perf_counter()
    threads = [threading.Thread(target=_send, args=(product, n)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    accepted = time.perf_counter() - begun
    while product.unread():
        time.sleep(0.05)
    read = time.perf_counter() - begun
    drain(product)
    rates = [f"{MAILS / took:.0f}/s" for took in (accepted, read, time.perf_counter() - begun)]
    return "{} accepted, {} as tickets, {} acknowledged".format(*rates)


def _send(product: Product, number: int) -> None:
    with smtplib.SMTP("127.0.0.1", product.smtp_port) as door:
        for count in range(MAILS // 4):
            mail = EmailMessage()
            mail["Authentication-Results"] = VOUCHED
            mail["From"] = f"Ruth Ellis <mail{number * MAILS // 4 + count}@post.example>"
            mail["To"] = "help@marlo.example"
            mail["Subject"] = f"Where is order M-{number}{count}?"
            mail["Message-ID"] = f"<{uuid.uuid4()}@post.example>"
            mail.set_content("I ordered nine days ago and nothing has been scanned since. Where is it?")
            door.send_message(mail)


def drain(product: Product) -> None:
    """Wait until no work waits."""
    while _waiting(product):
        time.sleep(0.1)


def _waiting(product: Product) -> bool:
    found = json.load(urllib.request.urlopen(f"{product.url}/healthz?full"))
    return bool(found["parts"]["outbox"]["waiting"])

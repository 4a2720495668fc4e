"""What enemies write comes back letter for letter, and does nothing in a browser."""

from __future__ import annotations

import json
import os
import smtplib
import time
from base64 import b64encode
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import Site, serving

pytestmark = pytest.mark.browser

# Every naughty string as a mail of its own, too.
EVERY_STRING = os.environ.get("STRINGS") == "all"
ADMIN = "ada@marlo.example"
# What may carry a header: the rest would end it.
ENDS = ("\r", "\n", "\0")
# Mail programs wrap names into these.
QUOTES = "'\" ,;"
# Who opens the form.
NAME = "<img src=x onerror=alert(1)>\"'"
BUSY = """() => [...document.querySelectorAll("*")].flatMap(element => [
  ...[...element.attributes].filter(({name}) => /^on/i.test(name)).map(({name}) => name),
  ...["href", "src", "action", "formaction", "data"].map(name => element.getAttribute(name) || "")
    .filter(value => /^\\s*(javascript|vbscript|data:text)/i.test(value)),
  ...(element.matches("script:not([nonce=''])") ? [element.outerHTML] : []),
  ...(element.matches("object, embed, applet, base, meta[http-equiv]") ? [element.outerHTML] : []),
])"""
SPEECH = """selector => [...document.querySelectorAll(selector)].map(element => [
  [...element.querySelectorAll("p[dir=auto]")].map(paragraph => paragraph.textContent).join("\\n\\n"),
  [...element.querySelectorAll("p[dir=auto]")].map(paragraph => getComputedStyle(paragraph).direction),
])"""


@dataclass(frozen=True)
class Strings:
    """The material: plain strings, pieces of HTML, and texts whose direction is known."""

    naughty: list[str]
    html: list[str]
    bidi: dict[str, str]

    @property
    def all(self) -> list[str]:
        """Every string that can be stored."""
        return [text for text in [*self.naughty, *self.html, *self.bidi] if "\0" not in text]

    @property
    def mails(self) -> list[str]:
        """What is worth a mail of its own: half of what looks alike is enough, unless all are wanted."""
        if EVERY_STRING:
            return [text for text in [*self.html, *self.bidi, *self.naughty] if text.strip().strip("\ufeff")]
        return [*self.html, *self.bidi, *[text for text in self.naughty if not text.isascii()][::2]]


class Program:
    """A program that uses the API over one connection."""

    def __init__(self, site: Site, token: str) -> None:
        self.connection = HTTPConnection(urlsplit(site.url).netloc, timeout=30)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        sent = json.dumps(body) if body is not None else None
        self.connection.request(method, f"/api/v1/{path}", sent, self.headers)
        answer = self.connection.getresponse()
        found = json.loads(answer.read())
        # The server hangs up on whoever is silent for long.
        self.connection.close()
        return answer.status, found

    def read_all(self, path: str) -> list[Any]:
        """Every page of a list."""
        found: list[Any] = []
        after = ""
        while True:
            page = self.call("GET", f"{path}?limit=100{after}")[1]
            found += page["data"]
            if not page["next"]:
                return found
            after = f"&after={page['next'].rpartition('after=')[2]}"


@dataclass
class Guard:
    """A browser window whose every sign of trouble is written down."""

    page: Any
    home: str
    seen: list[str] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("dialog", self._close)
        self.page.on("console", lambda said: self.seen.append(f"console: {said.text}"))
        self.page.on("pageerror", lambda error: self.seen.append(f"error: {error}"))
        self.page.on("popup", lambda popup: self.seen.append(f"popup: {popup.url}"))
        self.page.on("request", self._note)

    def visit(self, path: str) -> None:
        """Open a page; nothing acts on it, asks elsewhere, or leaves it."""
        self.seen.clear()
        answer = self.page.goto(path)
        policy = answer.headers["content-security-policy"]
        assert answer.status == 200, path
        assert "default-src 'none'" in policy, path
        assert "unsafe-eval" not in policy, path
        assert not any(part.strip() == "script-src 'unsafe-inline'" for part in policy.split(";")), path
        assert self.page.url == self.home + path, path
        assert self.page.evaluate(BUSY) == [], path
        assert self.seen == [], path

    def put(self, html: str) -> None:
        """Show HTML with every protection off: alone, it must be as harmless."""
        self.seen.clear()
        self.page.set_content(html)
        assert self.page.evaluate(BUSY) == [], html
        assert self.seen == [], html

    def _close(self, dialog: Any) -> None:
        self.seen.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _note(self, request: Any) -> None:
        if urlsplit(request.url).scheme not in ("data", "blob") and not request.url.startswith(self.home):
            self.seen.append(f"request: {request.url}")


@pytest.fixture(scope="module")
def strings(material) -> Strings:
    naughty = json.loads((material / "data" / "naughty" / "blns.json").read_text())
    sanitised = json.loads((material / "data" / "xss" / "html5lib-sanitizer.json").read_text())
    bleached = [
        path.read_text().rsplit("\n--", 1)[0]
        for path in (material / "data" / "xss" / "bleach").glob("*.test")
    ]
    lines = (material / "data" / "bidi" / "base-direction-auto.jsonl").read_text().splitlines()
    bidi = {row["text"]: row["base"] for row in map(json.loads, lines)}
    html = [case["input"] for case in sanitised] + bleached
    return Strings([text for text in naughty if text], [text for text in html if text], bidi)


@pytest.fixture(scope="module")
def town(browser, strings, tmp_path_factory):
    """A product of its own: thousands of hostile rows are no place for the other tests."""
    with serving(tmp_path_factory.mktemp("town"), "setup") as site:
        site.ask("agent", "create", ADMIN, "--name", "Ada Stone", "--admin")
        yield site


@pytest.fixture(scope="module")
def program(town):
    scopes = "tickets:read,tickets:write,admin:read"
    return Program(town, town.ask("token", "create", "--agent", ADMIN, "--scopes", scopes).strip())


@pytest.fixture(scope="module")
def customer(browser, town):
    """The browser of a customer."""
    context = browser.new_context(base_url=town.url, locale="en")
    yield Guard(context.new_page(), town.url)
    context.close()


@pytest.fixture(scope="module")
def agent(browser, town):
    """The browser of an administrator."""
    context = browser.new_context(base_url=town.url, locale="en")
    page = context.new_page()
    town.sign_in(page, ADMIN)
    yield Guard(page, town.url)
    context.close()


@pytest.fixture
def bare(page) -> Guard:
    """A browser that protects nobody."""
    return Guard(page, "about:")


@pytest.fixture(scope="module")
def number(town, strings, customer, program) -> str:
    """A request that began with the form, and to which each string was added by itself."""
    page = customer.page
    page.goto("/ask/")
    page.locator("[name=situation]").fill("\n".join(strings.html).replace("\0", ""))
    page.locator("[name=problem]").fill("\n".join(strings.naughty))
    page.locator("[name=wish]").fill("\n".join(strings.bidi))
    page.locator("[name=name]").fill(NAME)
    page.locator("[name=email]").fill("eve@post.example")
    # Faster than a person is refused.
    page.wait_for_timeout(2000)
    page.locator("main form button").last.click()
    page.wait_for_url("**/asked/")
    number = urlsplit(page.url).path.split("/")[2]
    for text in strings.all:
        status, answer = program.call("POST", f"tickets/{number}/messages", {"body": text})
        assert status == 201, (text, answer)
    return number


@pytest.fixture(scope="module")
def mailed(town, strings, program) -> dict[str, Any]:
    """Every string as sender's name, subject, text and HTML of a mail; the tickets by sender."""
    with smtplib.SMTP("127.0.0.1", town.smtp_port, timeout=30) as server:
        for place, text in enumerate(strings.mails):
            server.sendmail(f"n{place}@post.example", ["help@marlo.example"], write(place, text))
    wait_until_read(town)
    return {ticket["requester"]["email"]: ticket for ticket in program.read_all("tickets")}


def write(place: int, text: str) -> bytes:
    name = encoded("".join(sign for sign in text if sign not in ENDS))
    return "\r\n".join(
        [
            f"From: {name} <n{place}@post.example>",
            "To: help@marlo.example",
            f"Subject: {name}",
            f"Message-ID: <{place}@post.example>",
            "MIME-Version: 1.0",
            'Content-Type: multipart/alternative; boundary="edge"',
            "",
            *part("plain", text),
            *part("html", text),
            "--edge--",
            "",
        ]
    ).encode()


def part(kind: str, text: str) -> list[str]:
    content = b64encode(text.encode()).decode()
    head = ["--edge", f"Content-Type: text/{kind}; charset=utf-8", "Content-Transfer-Encoding: base64", ""]
    return [*head, *(content[start : start + 76] for start in range(0, len(content), 76))]


def encoded(text: str) -> str:
    pieces = (text[start : start + 10] for start in range(0, len(text), 10))
    return "\r\n ".join(f"=?utf-8?B?{b64encode(piece.encode()).decode()}?=" for piece in pieces)


def wait_until_read(town: Site) -> None:
    connection = HTTPConnection(urlsplit(town.url).netloc, timeout=30)
    end = time.monotonic() + 180
    while time.monotonic() < end:
        connection.request("GET", "/healthz?full")
        outbox = json.loads(connection.getresponse().read())["parts"]["outbox"]
        if not outbox["waiting"]:
            assert outbox["failed"] == 0
            return
        time.sleep(0.1)
    raise AssertionError(outbox)


def messages(program: Program, number: str) -> list[Any]:
    return [entry for entry in program.read_all(f"tickets/{number}/entries") if entry["kind"] == "message"]


def test_each_string_comes_back_unchanged_through_the_api(program, number, strings):
    said = [entry["body_text"] for entry in messages(program, number)[1:]]

    assert said == strings.all


def test_each_string_comes_back_unchanged_through_the_form(program, number, strings):
    ticket = program.call("GET", f"tickets/{number}")[1]
    parts = [strings.html, strings.naughty, strings.bidi]
    expected = ["\n".join(part).replace("\0", "").strip() for part in parts]

    said = [ticket["statement"][part].replace("\r\n", "\n") for part in ("situation", "problem", "wish")]

    assert said == expected
    assert messages(program, number)[0]["body_text"].replace("\r\n", "\n") == "\n\n".join(expected)
    assert ticket["requester"]["name"] == NAME


def test_each_string_comes_back_unchanged_through_mail(program, mailed, strings):
    entries = {
        (event["ticket"], event["entry_seq"]): event["body_text"] for event in program.read_all("events")
    }

    for place, text in enumerate(strings.mails):
        ticket = mailed[f"n{place}@post.example"]
        head = "".join(sign for sign in text if sign not in ENDS)
        # The bytes are kept as they came; no database holds NUL.
        assert entries[ticket["number"], 1] == text.replace("\0", "")
        # A subject is one line: signs that end or steer lines are not part of it.
        if not EVERY_STRING or not any(sign < " " or sign in "\u2028\u2029" for sign in head):
            assert ticket["subject"] == head[:250].strip()
        if text in strings.html:
            assert ticket["requester"]["name"].strip(QUOTES) == head[:120].strip(QUOTES)


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
@pytest.mark.parametrize("place", ["body", "subject"])
def test_what_cannot_be_stored_is_refused_with_a_sentence(program, number, place, text):
    body = {"requester": {"email": "eve@post.example"}, "body": "Hello", place: text}

    status, problem = program.call("POST", "tickets", body)

    assert status == 422
    assert problem["errors"][0]["pointer"] == f"/{place}"
    assert problem["errors"][0]["detail"].endswith(".")


def test_the_customers_page_is_harmless_and_reads_as_written(customer, number, strings):
    customer.visit(f"/r/{number}/asked/")
    customer.visit(f"/r/{number}/")

    spoken = customer.page.evaluate(SPEECH, ".talk > li")
    check_speech(spoken, strings)


def test_the_desk_is_harmless_and_reads_as_written(agent, number, strings):
    agent.visit(f"/desk/open/{number}/?all=1")

    check_speech(agent.page.evaluate(SPEECH, ".thread > li"), strings)


def test_lists_and_tickets_made_of_mails_are_harmless(agent, program, mailed, strings):
    for path in [
        "/desk/open/",
        "/desk/search/?q=alert",
        "/desk/search/?q=%3Cscript%3E",
        "/desk/settings/outbox/",
    ]:
        agent.visit(path)
    for ticket in list(mailed.values())[::12]:
        agent.visit(f"/desk/open/{ticket['number']}/")


def test_the_guard_sees_what_acts(bare):
    for html in ["<img src=x onerror=''>", "<script>alert(1)</script>", "<img src='https://evil.example/'>"]:
        with pytest.raises(AssertionError):
            bare.put(html)


def test_mails_are_harmless_as_they_look(agent, bare, program, mailed, strings):
    first = {mailed[f"n{place}@post.example"]["number"] for place in range(len(strings.html))}
    frames = [event["seq"] for event in program.read_all("events") if event["ticket"] in first]

    assert len(frames) >= len(strings.html)
    for entry in frames:
        answer = agent.page.request.get(f"/desk/html/{entry}/")
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; ")
        assert "allow-scripts" not in answer.headers["content-security-policy"]
        bare.put(answer.text())


def test_what_leaves_is_harmless(agent, bare, mailed):
    agent.visit("/dev/outbox/")
    paths = agent.page.evaluate("() => [...document.querySelectorAll('main a')].map(a => a.pathname)")
    mails = [path for path in paths if path.strip("/").rpartition("/")[2].isdecimal()]

    assert mails
    for path in mails[::5]:
        agent.visit(path)
        bare.put(agent.page.request.get(f"{path}html/").text())


def check_speech(spoken, strings):
    found = dict(spoken)
    for text in strings.all:
        assert not text.strip() or shown(text) in found, repr(text)
    for text, base in strings.bidi.items():
        assert found[text] == [base], repr(text)


def shown(text: str) -> str:
    """A text as a page has it: the ends of lines around it are not shown."""
    return text.strip("\n")

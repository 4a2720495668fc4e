"""Persian readers meet Persian digits; only what is typed or dialled as it stands keeps its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from django.core.cache import cache
from django.test import Client

from ahadi.channels import intake
from ahadi.channels.models import MailServer, RawMessage
from ahadi.lib import clock
from ahadi.portal.tests.visits import WEDNESDAY, ask, write
from ahadi.testing import demo, make
from ahadi.tickets.models import Ticket
from tests.stories.mailbox import received, text_of

pytestmark = pytest.mark.django_db

# What machines read, what is typed as it stands, and what people wrote themselves.
OWN = {"script", "style", "code", "input", "textarea", "kbd", "option", "iframe"}
READ_ALOUD = ("title", "aria-label", "alt")
VOID = {"meta", "link", "input", "img", "br", "hr", "path", "rect", "circle", "source", "wbr"}
# First strong isolates round a name or an address, and left-to-right ones round an example.
APART = re.compile(
    "[\u2066\u2068][^\u2066-\u2069]*(?:[\u2066\u2068][^\u2066-\u2069]*\u2069[^\u2066-\u2069]*)*\u2069"
)
CODE = re.compile("[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")
WESTERN = re.compile("[0-9]")
TIME = re.compile(r"[\d:–, -]*\d:\d\d[\d:–, -]*")
# What a test of a mail server has found.
TRIAL = {
    "asked": "2026-12-02T10:00:00+00:00",
    "done": True,
    "steps": [{"code": "folder", "name": "A1", "mails": 12}],
}


class Reader(HTMLParser):
    """Collects what a reader sees or hears outside the places that keep their own digits."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[tuple[str, str]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        attributes = dict(given)
        inside = self.inside
        if tag in OWN or attributes.get("dir") == "auto" or (tag == "bdi" and not attributes):
            inside = "their own"
        elif attributes.get("dir") == "ltr" and not inside:
            inside = "left to right"
        for name in READ_ALOUD:
            self._look(attributes.get(name) or "", inside)
        if tag not in VOID:
            self.stack.append((tag, inside))

    def handle_endtag(self, tag: str) -> None:
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        self._look(data, self.inside)

    @property
    def inside(self) -> str:
        return self.stack[-1][1] if self.stack else ""

    def _look(self, text: str, inside: str) -> None:
        ours = APART.sub("", CODE.sub("", text))
        # An address keeps its digits; the time of day is ours wherever it stands.
        if WESTERN.search(ours) and (
            not inside or (inside == "left to right" and TIME.fullmatch(text.strip()))
        ):
            self.found.append(text.strip())


def western(page: str) -> list[str]:
    """Pieces of a page with Western digits where a Persian reader expects their own."""
    reader = Reader()
    reader.feed(page)
    return reader.found


@pytest.fixture
def desk() -> Iterator[Client]:
    """An administrator who reads Persian, in front of the demo company with a little trouble."""
    with clock.at(datetime(2026, 12, 2, 10, tzinfo=UTC)):
        cache.clear()
        demo.fill()
        client = Client()
        client.force_login(make.admin(language="fa"))
        yield client


@pytest.fixture
def customer(client) -> Client:
    client.cookies["language"] = "fa"
    return client


def read(client: Client, path: str, status: int = 200) -> list[str]:
    answer = client.get(path)
    assert answer.status_code == status, path
    return western(answer.content.decode())


def test_the_guard_sees_a_western_digit():
    assert western(
        '<p title="2 o\'clock">به ۳ <b>4</b> <code>5</code> <bdi dir="ltr">6</bdi> \u20667\u2069'
        ' <bdi dir="ltr">08:00–09:00</bdi></p>'
    ) == [
        "2 o'clock",
        "4",
        "08:00–09:00",
    ]


def test_the_desk_counts_in_persian(desk):
    numbers = Ticket.objects.values_list("number", flat=True)
    pages = [f"/desk/{search}/" for search in ("open", "mine", "broken", "solved", "waiting", "search")]
    pages += [f"/desk/open/{number}/" for number in numbers]

    assert {page: found for page in pages if (found := read(desk, page))} == {}


def test_the_settings_count_in_persian(desk):
    raw = intake.accept(b"From: a@b.example\r\nSubject: x\r\n\r\nText\r\n", "a@b.example", ["x@y.example"])
    RawMessage.objects.filter(pk=raw.pk).update(outcome="quarantine", reason="loop", size=1_300_000)
    hours = make.company(time_zone="Europe/Berlin").working_hours
    parts = ["company", "hours", "teams", "agents", "inboxes", "trust", "quarantine", "outbox", "profile"]
    parts += ["automatic", "letterhead", "mail-checks", f"mail-checks/{make.inbox().pk}"]
    MailServer.objects.create(inbox=make.inbox(), way="in", host="imap.example", port=993, trial=TRIAL)
    parts += [f"inboxes/{make.inbox().pk}/{page}" for page in ("in", "in/trial", "out")]
    parts += [
        f"inboxes/{make.inbox().pk}",
        "inboxes/webhooks",
        f"quarantine/{raw.pk}",
        f"hours/{hours.pk}",
        f"hours/{hours.pk}/holidays",
    ]
    pages = [f"/desk/settings/{part}/" for part in parts]
    pages += [f"/desk/settings/hours/{hours.pk}/holidays/?country=DE&year=2026"]

    assert {page: found for page in pages if (found := read(desk, page))} == {}


def test_a_wrong_form_counts_in_persian(desk):
    answers = [desk.post(f"/desk/settings/{part}/", {"name": ""}) for part in ("agents", "inboxes", "teams")]

    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert [western(answer.content.decode()) for answer in answers] == [[], [], []]


def test_signing_in_counts_in_persian(desk, customer):
    open_pages = ["login/", "login/code/", "password/reset/", "link/none/"]
    own_pages = ["2fa/", "password/set/", "sessions/", "2fa/totp/activate/", "2fa/webauthn/"]

    found = {page: read(customer, f"/accounts/{page}", 410 if "none" in page else 200) for page in open_pages}
    found |= {
        page: western(desk.get(f"/accounts/{page}", follow=True).content.decode()) for page in own_pages
    }

    assert {page: digits for page, digits in found.items() if digits} == {}


@pytest.mark.parametrize("given", [{}, {"email": "", "way": "phone", "phone": "+44 20 7946 0999"}])
def test_customers_are_told_in_persian_digits(customer, given):
    number = ask(customer, problem="کار نمی‌کند.", language="fa", **given)
    write(customer, number, "هنوز کار نمی‌کند.", WEDNESDAY + timedelta(minutes=5))
    ticket = Ticket.objects.get(number=number)
    with clock.at(WEDNESDAY + timedelta(minutes=10)):
        ticket.reply("می‌پرسم.", by=make.agent(), step="می‌پرسم")
        pages = ["/", "/ask/", "/r/", f"/r/{number}/", f"/r/{number}/asked/"]
        found = {page: read(customer, page) for page in pages}
        found |= {"unknown": read(customer, "/r/K7QF-9T2M-XR4D/", 404)}
        found |= {"state": read(_somebody_else(), f"/r/{number}/")}

    assert {page: digits for page, digits in found.items() if digits} == {}


def test_a_wrong_form_of_a_customer_counts_in_persian(customer):
    answer = customer.post("/ask/", {"way": "email"})

    assert answer.status_code == 422
    assert western(answer.content.decode()) == []


def test_mails_are_written_in_persian_digits(customer):
    number = ask(customer, problem="کار نمی‌کند.", language="fa")
    with clock.at(WEDNESDAY + timedelta(minutes=10)):
        Ticket.objects.get(number=number).reply("می‌پرسم.", by=make.agent(), step="می‌پرسم")
        mails = received("anna@post.example")

    pieces = [line for mail in mails for line in text_of(mail).splitlines()]
    mine = [line for line in pieces if not re.search(r"https?://|@|[0-9A-Z]{4}-|^ref:", line)]
    assert len(mails) == 2
    assert [line for line in mine if WESTERN.search(APART.sub("", line))] == []


def _somebody_else() -> Client:
    client = Client()
    client.cookies["language"] = "fa"
    return client

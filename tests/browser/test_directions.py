"""Names, subjects, codes and file names of every script, in desks of both directions: each reads right."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from itertools import product
from typing import Any

import pytest

from tests.browser.screens.__main__ import furnished
from tests.browser.screens.eye import Eye

pytestmark = pytest.mark.browser

NAMES = {"ltr": "Ana Pop (office)", "rtl": "پریسا کریمی", "he": "נועה לוי"}
SUBJECTS = {
    "ltr": "Order M-2041: refund (2)",
    "rtl": "سفارش M-2041 هنوز نرسیده!",
    "he": "הזמנה M-2041 (דחוף)",
}
FILES = {"ltr": "label-42.pdf", "rtl": "فاکتور-42.pdf", "he": "חשבונית 42.pdf"}
# The direction a piece of text has, and how far its box and its letters are from where its line begins.
ROWS = """() => {
  const rtl = document.documentElement.dir === "rtl";
  const start = (box) => rtl ? innerWidth - box.right : box.left;
  const read = (element) => {
    const style = getComputedStyle(element);
    const range = document.createRange();
    range.selectNodeContents(element);
    return {text: element.textContent, direction: style.direction, bidi: style.unicodeBidi,
            edge: Math.round(start(range.getBoundingClientRect()))};
  };
  return [...document.querySelectorAll(".row")].map((row) => ({
    who: read(row.querySelector(".row__who bdi")), subject: read(row.querySelector(".row__title bdi")),
    due: row.querySelector(".row__due").textContent,
    overlap: row.querySelector(".row__who").getBoundingClientRect().width
      + row.querySelector(".row__due").getBoundingClientRect().width > row.getBoundingClientRect().width,
  }));
}"""
PIECES = """(chosen) => [...document.querySelectorAll(chosen)].map((element) => {
  const style = getComputedStyle(element);
  return [element.textContent.trim(), style.direction, style.unicodeBidi];
})"""


@pytest.fixture(scope="module")
def house() -> Iterator[Any]:
    """A company to which people of every script wrote, with files named in every script."""
    with furnished() as (site, words, cookies):
        with smtplib.SMTP("127.0.0.1", site.smtp_port, timeout=30) as post:
            for at, (name, subject) in enumerate(product(NAMES, SUBJECTS)):
                post.send_message(_mail(at, NAMES[name], SUBJECTS[subject], FILES[subject]))
        yield site, words, cookies


def _mail(at: int, name: str, subject: str, file: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = f'"{name}" <writer{at}@post.example>', "help@marlo.example"
    mail["Subject"], mail["Message-ID"] = subject, f"<direction{at}@post.example>"
    mail.set_content("…")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename=file)
    return mail


def opened(browser: Any, house: Any, language: str, path: str) -> Any:
    site, _words, cookies = house
    eye = Eye.open(browser, site.url, language, cookies[language])
    eye.page.set_viewport_size({"width": 1440, "height": 900})
    eye.page.goto(site.url + path)
    return eye.page


def direction(text: str) -> str:
    return "ltr" if text in (NAMES["ltr"], SUBJECTS["ltr"]) else "rtl"


@pytest.mark.parametrize("language", ["en", "he", "fa"])
def test_every_name_and_subject_keeps_its_direction_and_our_edge(browser, house, language):
    page = opened(browser, house, language, "/desk/open/")
    sent = set(product(NAMES.values(), SUBJECTS.values()))
    for _ in range(200):
        rows = [row for row in page.evaluate(ROWS) if row["who"]["text"] in NAMES.values()]
        seen = {(row["who"]["text"], row["subject"]["text"]) for row in rows}
        # Others in this house have such names too, so counting rows says nothing.
        if seen >= sent:
            break
        page.wait_for_timeout(250)
        page.reload()

    pieces = [row[part] for row in rows for part in ("who", "subject")]

    assert seen >= sent
    assert [piece for piece in pieces if piece["direction"] != direction(piece["text"])] == []
    assert {piece["bidi"] for piece in pieces} <= {"isolate", "plaintext"}
    # All begin at one edge, whatever they are written in; a dot for what is unread stands before a name.
    assert len({row["subject"]["edge"] for row in rows}) == 1
    assert not any(row["overlap"] for row in rows)
    page.context.close()


@pytest.mark.parametrize("language", ["en", "he", "fa"])
def test_codes_addresses_and_file_names_read_right_in_a_ticket(browser, house, language):
    page = opened(browser, house, language, "/desk/search/?q=M-2041")
    numbers = page.locator("[data-row]").evaluate_all("all => all.map(row => row.dataset.row)")
    files: list[Any] = []
    for number in numbers[:3]:
        page.goto(page.url.split("/desk/")[0] + f"/desk/open/{number}/")
        files += page.evaluate(PIECES, ".attachment bdi")
        codes = page.evaluate(PIECES, ".head .copy bdi")
        addresses = page.evaluate(PIECES, ".addresses__value bdi")

        assert [(text, way) for text, way, _bidi in codes] == [(number, "ltr")]
        assert all(way == "ltr" for _text, way, _bidi in addresses)
        assert page.title().count("\u2068") == page.title().count("\u2069")

    named = {text: (way, bidi) for text, way, bidi in files if text in FILES.values()}
    assert named
    assert all(bidi == "isolate" for _way, bidi in named.values())
    page.context.close()


def test_the_browser_finds_the_base_direction_of_hostile_text(page, material):
    lines = (material / "data/bidi/base-direction-auto.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [json.loads(line) for line in lines]

    page.set_content("<main></main>")
    found = page.evaluate(
        """texts => texts.map((text) => {
          const piece = document.createElement("bdi");
          piece.dir = "auto";
          piece.textContent = text;
          document.querySelector("main").append(piece);
          return getComputedStyle(piece).direction;
        })""",
        [each["text"] for each in asked],
    )

    assert found == [each["base"] for each in asked]

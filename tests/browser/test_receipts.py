"""A customer checks a receipt on a phone, without a network."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def receipt(site: Site) -> str:
    """The receipt of a request that an agent has answered."""
    return fresh(site)


def fresh(site: Site) -> str:
    """A request, its answer, and its receipt."""
    token = site.ask("token", "create", "--agent", "admin@localhost", "--scopes", "admin:*").split()[-1]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = {"requester": {"email": "zoe@post.example"}, "subject": "Lost", "body": "Where is my parcel?"}
    asked = Request(f"{site.url}/api/v1/tickets", json.dumps(body).encode(), headers)
    number = json.load(urlopen(asked))["number"]
    answered = Request(
        f"{site.url}/api/v1/tickets/{number}/replies", json.dumps({"body": "It comes."}).encode(), headers
    )
    urlopen(answered).close()
    with urlopen(Request(f"{site.url}/api/v1/tickets/{number}/receipt", headers=headers)) as answer:
        return str(answer.read().decode())


@pytest.fixture
def check(site: Site, browser: Any) -> Any:
    """Open the page, cut the network, give it a file; returns what the page says."""
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.goto(f"{site.url}/verify/")
    context.set_offline(True)

    def give(text: str) -> str:
        page.set_input_files("#id_receipt", {"name": "r.tlog-proof", "mimeType": "", "buffer": text.encode()})
        page.evaluate("document.getElementById('checked').replaceChildren()")
        page.click("#check button[class*=main]")
        page.wait_for_function("document.getElementById('checked').children.length > 0")
        return str(page.inner_text("#checked"))

    yield give
    context.close()


def test_a_customer_proves_offline_what_was_said(check, receipt):
    said = check(receipt)

    assert "Proven." in said
    assert said.count("Message of the customer") == 1
    assert "Answer" in said


@pytest.mark.parametrize("place", ["extra ", "index ", "\n\n", "\u2014 "])
def test_a_changed_receipt_proves_nothing(check, receipt, place):
    at = receipt.index(place) + len(place) + 30
    other = "A" if receipt[at] != "A" else "B"

    assert "Proven." not in check(receipt[:at] + other + receipt[at + 1 :])


def online(site: Site, browser: Any, *receipts: str, before: str = "", is_silent: bool = False) -> list[str]:
    """What the page says about each of these, one after the other, in one browser with a network."""
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    if is_silent:
        page.route("**/ledger/consistency/**", lambda route: route.fulfill(status=404))
    page.goto(f"{site.url}/verify/")
    said = []
    for text in receipts:
        if said and before:
            page.evaluate(before)
        page.set_input_files("#id_receipt", {"name": "r.tlog-proof", "mimeType": "", "buffer": text.encode()})
        page.evaluate("document.getElementById('checked').replaceChildren()")
        page.click("#check button[class*=main]")
        page.wait_for_selector("#checked > *", state="attached")
        said.append(str(page.inner_text("#checked")))
    context.close()
    return said


def test_a_ledger_that_grew_honestly_is_believed_again(site, browser, receipt):
    later, newest = fresh(site), fresh(site)

    assert all("Proven." in said for said in online(site, browser, receipt, newest, later))


def test_a_second_history_of_a_known_ledger_is_noticed(site, browser, receipt):
    other = """for (const name of Object.keys(localStorage).filter((one) => one.startsWith("ledger "))) {
      const kept = JSON.parse(localStorage[name]).map((one) => ({ ...one, root: btoa("x".repeat(32)) }));
      localStorage[name] = JSON.stringify(kept);
    }"""

    said = online(site, browser, receipt, fresh(site), before=other)

    assert "Proven." in said[0]
    assert "Two histories" in said[1]


def test_a_ledger_that_shows_nothing_is_not_called_a_liar(site, browser, receipt):
    said = online(site, browser, receipt, fresh(site), is_silent=True)

    assert "Proven." in said[1]
    assert "does not show how it grew" in said[1]
    assert "Two histories" not in said[1]


def test_something_else_is_not_a_receipt(check):
    assert "cannot be read" in check("hello")

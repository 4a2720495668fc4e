"""The line is dead: calls, promises, a formal complaint with number and stamp, and management's answer."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import pypdfium2
import pytest

from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
# Faster than this is a machine, the form says.
READING = 2_100


@pytest.fixture
def customer(browser: Any) -> Iterator[Any]:
    """Ioana's phone, in Romanian."""
    context = browser.new_context(viewport=PHONE, locale="ro", accept_downloads=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def token(site: Site) -> str:
    return site.ask(
        "token", "create", "--agent", "jonas@marlo.example", "--scopes", "tickets:read,tickets:write"
    ).split()[-1]


def call(site: Site, token: str, path: str, **body: Any) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    urlopen(Request(f"{site.url}/api/v1/{path}", json.dumps(body).encode(), headers)).close()


def pdf_of(page: Any, link: str) -> bytes:
    with page.expect_download() as download:
        page.click(link)
    with open(download.value.path(), "rb") as file:
        return file.read()


def text_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(content))
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_the_chronology_of_a_broken_line(site: Site, browser: Any, customer: Any, token: str):
    # Ioana asks, is told six days, and calls three times.
    customer.goto(f"{site.url}/ask/")
    customer.fill("[name=problem]", "Linia mea este întreruptă. Am verificat cablul și modemul.")
    customer.fill("[name=email]", "ioana@post.example")
    customer.fill("[name=name]", "Ioana Pop")
    customer.wait_for_timeout(READING)
    customer.click("form.form button.button--main")
    customer.wait_for_url("**/asked/")
    number = customer.url.split("/")[-3]
    call(site, token, f"tickets/{number}/replies", body="Durează până la șase zile.")
    for day in ("luni", "marți", "miercuri"):
        call(site, token, f"tickets/{number}/notes", body=f"A sunat {day}, foarte supărată.")

    # From the page of her request to management, on her phone.
    customer.goto(f"{site.url}/r/{number}/")
    customer.click(f"a[href*='/complain/?about={number}']")
    assert customer.is_checked(f"input[name=about][value='{number}']")
    customer.fill("[name=situation]", "Am sunat de trei ori și mi s-a spus șase zile.")
    customer.fill("[name=problem]", "Linia este tot întreruptă.")
    customer.fill("[name=wish]", "Un tehnician și banii înapoi.")
    customer.wait_for_timeout(READING)
    customer.click("form.form button.button--main")
    customer.wait_for_url("**/complaint/")
    incoming = re.search(r"\d{4}/\d{6}", customer.inner_text("main"))
    assert incoming is not None
    assert customer.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    # Her copy has the stamp; the company's is the same file.
    customer.wait_for_selector("a[href$='/complaint/copy/']")
    copy = pdf_of(customer, "a[href$='/complaint/copy/']")
    assert incoming[0] in text_of(copy)

    # Jonas, whom it is about, finds nothing; management decides.
    desk = browser.new_context(accept_downloads=True)
    culprit, chief = desk.new_page(), browser.new_context(accept_downloads=True).new_page()
    site.sign_in(culprit)
    assert culprit.goto(f"{site.url}/desk/complaints/{incoming[0]}/").status == 404
    site.sign_in(chief, "admin@localhost")
    chief.goto(f"{site.url}/desk/complaints/")
    chief.click(f"tr:has-text('{incoming[0]}') a")
    assert pdf_of(chief, "a[href$='/copy/']") == copy
    chief.check("input[name=outcome][value=upheld]")
    chief.fill(
        "form[action$='/decision/'] [name=letter]", "Aveți dreptate. Tehnicianul vine în 40 de minute."
    )
    chief.click("form[action$='/decision/'] button.button--main")
    chief.wait_for_selector("text=The decision is on its way")

    # She reads the decision and takes the whole story with her, in its order.
    customer.reload()
    assert customer.locator("#decision").count() == 1
    story = text_of(pdf_of(customer, "a[href$='/chronology/']"))
    told = ["Linia mea este întreruptă", "Durează până la șase zile", "tot întreruptă", "Aveți dreptate"]
    places = [story.find(words) for words in told]
    assert -1 not in places
    assert places == sorted(places)
    assert "foarte supărată" not in story
    desk.close()
    chief.context.close()


def test_management_handles_a_complaint_to_its_end(site: Site, browser: Any, customer: Any):
    # Without a request before it, straight to management.
    customer.goto(f"{site.url}/complain/")
    customer.fill("[name=situation]", "Trei colegi mi-au promis același lucru.")
    customer.fill("[name=problem]", "Nimeni nu a venit.")
    customer.fill("[name=wish]", "Banii înapoi.")
    customer.fill("[name=email]", "radu@post.example")
    customer.fill("[name=name]", "Radu Ene")
    customer.wait_for_timeout(READING)
    customer.click("form.form button.button--main")
    customer.wait_for_url("**/complaint/")
    incoming = re.search(r"\d{4}/\d{6}", customer.inner_text("main"))
    assert incoming is not None

    # The manager finds it in the register, keeps out whom it is about, says why it takes longer, decides.
    context = browser.new_context(accept_downloads=True)
    chief = context.new_page()
    site.sign_in(chief, "admin@localhost")
    chief.goto(f"{site.url}/desk/complaints/")
    chief.click(f"tr:has-text('{incoming[0]}') a")
    page = chief.url
    chief.select_option("form[action$='/exclusion/'] select", label="Jonas Berg")
    chief.click("form[action$='/exclusion/'] button")
    chief.wait_for_selector("text=This person sees nothing of it")
    chief.fill("form[action$='/letter/'] [name=letter]", "Mai întrebăm depozitul.")
    chief.click("form[action$='/letter/'] button")
    chief.wait_for_selector("text=The letter is on its way")
    # Nothing is decided without an outcome, and the words stay.
    chief.fill("form[action$='/decision/'] [name=letter]", "Primiți banii înapoi.")
    chief.click("form[action$='/decision/'] button.button--main")
    assert chief.input_value("form[action$='/decision/'] [name=letter]") == "Primiți banii înapoi."
    chief.check("input[name=outcome][value=partly]")
    chief.click("form[action$='/decision/'] button.button--main")
    chief.wait_for_selector("text=The decision is on its way")
    assert chief.locator("form[action$='/decision/']").count() == 0
    chief.goto(f"{site.url}/desk/complaints/")
    assert "Upheld in part" in chief.inner_text(f"tr:has-text('{incoming[0]}')")

    # Whoever was kept out finds nothing; the customer reads both letters and the decision.
    kept_out = browser.new_context()
    other = kept_out.new_page()
    site.sign_in(other)
    assert other.goto(page).status == 404
    customer.reload()
    assert customer.locator("#decision").count() == 1
    # Both are letters on paper, the same file for him and for the house.
    chief.goto(page)
    for end, words in (("holding-letter", "Mai întrebăm depozitul."), ("decision", "Primiți banii înapoi.")):
        paper = pdf_of(customer, f"a[download$='-{end}.pdf']")
        assert words in text_of(paper)
        assert incoming[0] in text_of(paper)
        assert pdf_of(chief, f"a[download$='-{end}.pdf']") == paper
    customer.goto(customer.url.removesuffix("complaint/"))
    talk = customer.inner_text(".talk")
    assert talk.find("Mai întrebăm depozitul.") < talk.find("Primiți banii înapoi.")
    assert talk.find("Mai întrebăm depozitul.") > -1
    kept_out.close()
    context.close()

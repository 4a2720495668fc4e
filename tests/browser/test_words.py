"""Words at hand and marks, by keyboard alone."""

from __future__ import annotations

import re
from typing import Any

import pytest

PASTE = """([kind, words]) => {
  const given = new DataTransfer();
  given.setData(kind, words);
  given.setData("text/plain", "plain");
  const event = new ClipboardEvent("paste", { clipboardData: given, bubbles: true, cancelable: true });
  document.getElementById("text").dispatchEvent(event);
}"""

PICTURE = """async () => {
  const drawing = Object.assign(document.createElement("canvas"), { width: 40, height: 20 });
  drawing.getContext("2d").fillRect(0, 0, 20, 20);
  const blob = await new Promise((done) => drawing.toBlob(done, "image/png"));
  const given = new DataTransfer();
  given.items.add(new File([blob], "image.png", { type: "image/png" }));
  const event = new ClipboardEvent("paste", { clipboardData: given, bubbles: true, cancelable: true });
  document.getElementById("text").dispatchEvent(event);
}"""
DRAWN = "picture => picture.complete && picture.naturalWidth === 40"


@pytest.fixture
def desk(site: Any, page: Any) -> Any:
    """An administrator in front of a ticket, with an empty answer."""
    site.sign_in(page)
    page.goto(f"{site.url}/desk/open/")
    page.locator("[data-row]").first.click()
    page.locator("#text").wait_for()
    page.locator("#text").fill("")
    return page


def save_a_reply(site: Any, page: Any, name: str, text: str) -> None:
    page.goto(f"{site.url}/desk/settings/saved-replies/")
    page.get_by_label("Name").first.fill(name)
    page.get_by_label("English").fill(text)
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("The saved reply was added.").wait_for()


def test_a_slash_finds_words_and_enter_writes_them(site: Any, page: Any):
    site.sign_in(page)
    save_a_reply(site, page, "Late parcel", "Hello {{customer.first_name|there}}, it is **late**.")
    page.goto(f"{site.url}/desk/open/")
    page.locator("[data-row]").first.click()
    page.locator("#text").fill("")

    page.locator("#text").press("/")
    page.get_by_role("combobox", name="Find a saved reply or a macro").wait_for()
    page.keyboard.type("lapa")
    page.locator("#words-0").wait_for()
    page.keyboard.press("Enter")

    written = page.locator("#text").input_value()
    assert written.startswith("Hello ")
    assert "{{" not in written
    assert page.evaluate("document.activeElement.id") == "text"


def test_escape_leaves_the_slash_that_was_meant(desk: Any):
    desk.locator("#text").press("/")
    desk.get_by_role("combobox", name="Find a saved reply or a macro").wait_for()

    desk.keyboard.press("Escape")
    desk.keyboard.type("path")

    assert desk.locator("#text").input_value() == "/path"


def test_an_empty_placeholder_is_said_and_stops_sending(desk: Any):
    desk.locator("#text").fill("Hello {{customer.name}}")

    assert desk.locator(".holes").is_visible()
    assert desk.evaluate("!document.getElementById('text').checkValidity()")

    desk.locator("#text").fill("Hello")

    assert not desk.locator(".holes").is_visible()
    assert desk.evaluate("document.getElementById('text').checkValidity()")


def test_bold_by_key_and_a_list_that_goes_on(desk: Any):
    field = desk.locator("#text")
    field.press("Control+b")
    desk.keyboard.type("now")
    field.press("End")
    field.fill("- one")
    field.press("End")
    field.press("Enter")
    desk.keyboard.type("two")
    field.press("Enter")
    field.press("Enter")
    desk.keyboard.type("end")

    assert field.input_value() == "- one\n- two\n\nend"


def test_what_is_pasted_becomes_marks_and_nothing_else(desk: Any):
    html = (
        '<p>A <b>bold</b> <a href="https://marlo.example/a">link</a></p><ul><li>one</li><li><i>two</i></li></ul>'
        '<script>alert(1)</script><a href="javascript:alert(2)">x</a>'
    )
    desk.locator("#text").focus()

    desk.evaluate(PASTE, ["text/html", html])

    written = desk.locator("#text").input_value()
    assert "A **bold** [link](https://marlo.example/a)" in written
    assert "- one\n- _two_" in written
    assert "alert" not in written


def test_a_pasted_picture_stands_between_the_words_from_the_draft_to_the_talk(desk: Any):
    desk.locator("#text").fill("Press this:")
    desk.locator("#text").press("End")

    desk.evaluate(PICTURE)

    # It is named where the writer is, and seen below.
    desk.wait_for_selector(".pasted img")
    written = desk.locator("#text").input_value()
    assert re.fullmatch(r"Press this:\n!\[picture-\d{4}\.png\]\n", written)

    # A page that is loaded again, as on another device, still has it.
    desk.locator("[data-sketch-state]:not([hidden])").wait_for()
    desk.reload()
    seen = desk.wait_for_selector(".pasted img")
    assert desk.locator("#text").input_value() == written
    desk.wait_for_function(DRAWN, arg=seen)

    desk.locator("label.mode", has_text="Internal note").click()
    desk.get_by_role("button", name="Save the note").click()
    said = desk.wait_for_selector(".say--note .say__text img")
    desk.wait_for_function(DRAWN, arg=said)
    assert not desk.locator(".say--note .attachments").count()

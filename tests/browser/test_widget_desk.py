"""Several talks at one desk, files, and a panel that everybody can read: the visitor's side and ours."""

from __future__ import annotations

import struct
import zlib

import pytest

from tests.browser import shops
from tests.browser.shops import HUSH, SOON, play, seen_by_desk

pytestmark = pytest.mark.browser

shop, api, visit = shops.shop, shops.api, shops.visit
# A red point, eight by eight.
_ROWS = zlib.compress(b"".join(b"\0" + b"\xff\x00\x00" * 8 for _row in range(8)))
_PARTS = ((b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)), (b"IDAT", _ROWS), (b"IEND", b""))
PICTURE = b"\x89PNG\r\n\x1a\n" + b"".join(
    struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    for name, data in _PARTS
)
LAMP = {"name": "lamp.png", "mimeType": "image/png", "buffer": PICTURE}
# What nothing but a forced palette leaves of the panel: whether an element has a border that can be seen.
BORDERS = """(names) => names.map((name) => {
  const style = getComputedStyle(document.querySelector(name));
  return style.borderBlockStartStyle !== "none" && parseFloat(style.borderBlockStartWidth) >= 1;
})"""


@pytest.fixture
def desk(site, browser):
    """A window of the desk for whoever is named, closed in the end: no desk rings in the next story."""
    contexts = []

    def open_desk(email):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(SOON)
        contexts.append(context)
        page = context.new_page()
        page.wrong = []
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        site.sign_in(page, email)
        page.locator("#rings").wait_for(state="attached")
        return page

    yield open_desk
    for context in contexts:
        context.close()


def test_two_talks_ring_and_one_is_handed_on_with_a_sentence_and_ended_with_a_summary(site, visit, desk, api):
    play(site, HUSH)
    agent, lead = desk("grace@marlo.example"), desk("jonas@marlo.example")
    lead.goto(f"{site.url}/desk/calls/")
    first = visit().open().say("The first grinder stops").sent("The first grinder")
    second = visit().open().say("The second lid is missing").sent("The second lid")
    one, two = first.code(), second.code()
    ring = agent.locator("[data-ring]", has_text="The first grinder")
    ring.wait_for(timeout=SOON)
    agent.locator("[data-ring]", has_text="The second lid").wait_for(timeout=SOON)
    # Whoever leads sees both of them wait, and no more when they are led, on a page that nobody loads again.
    waiting = lead.locator("#waiting tbody tr", has_text="Visitor")
    waiting.nth(1).wait_for(timeout=SOON)
    named = ring.locator("h2").inner_text()
    waited = ring.locator(".ring__time").inner_text()
    ring.get_by_role("button", name="Accept").click()
    agent.wait_for_url(f"**/{one}/**")
    first.panel.locator(".chat__event", has_text="Grace joined").wait_for(timeout=SOON)
    # One is being led, and the other still rings here.
    agent.locator("[data-ring]", has_text="The second lid").get_by_role("button", name="Accept").click()
    agent.wait_for_url(f"**/{two}/**")
    agent.locator("#text").fill("A new lid leaves today.")
    agent.keyboard.press("Control+Enter")
    second.entry("A new lid").wait_for(timeout=SOON)
    waiting.first.wait_for(state="detached", timeout=SOON)
    leads = [visitor.panel.locator("[data-name]").inner_text() for visitor in (first, second)]

    agent.goto(f"{site.url}/desk/open/{one}/")
    agent.get_by_label("Assign", exact=True).click()
    agent.locator("[name=sentence]").fill("The motor is to be looked at in the workshop.")
    agent.locator("button[name=owner]", has_text="Jonas").click()
    first.panel.locator("[data-name]", has_text="Jonas").wait_for(timeout=SOON)
    lead.goto(f"{site.url}/desk/open/{one}/")
    told = lead.locator(".thread").inner_text()
    lead.locator("#text").fill("I have the motor before me now.")
    lead.keyboard.press("Control+Enter")
    first.entry("I have the motor").wait_for(timeout=SOON)
    lead.locator("section.leaving--talk summary").click()
    lead.locator("[name=summary]").fill("The motor is replaced tomorrow.")
    lead.get_by_role("button", name="End the chat").click()
    first.entry("The motor is replaced").wait_for(timeout=SOON)
    first.panel.locator("[data-over]").wait_for(timeout=SOON)

    assert named == "Visitor"
    assert waited[2] == ":"
    assert leads == ["Grace", "Grace"]
    assert "The motor is to be looked at in the workshop." in told
    assert "looked at in the workshop" not in first.panel.locator("[data-log]").inner_text()
    assert seen_by_desk(api, one) == ["The first grinder stops"]
    assert agent.wrong == lead.wrong == []


def test_files_go_ahead_of_the_words_and_can_be_taken_back(site, visit, desk):
    visitor = visit().open().say("The lamp blinks").sent("The lamp blinks")
    code = visitor.code()
    held = []
    visitor.page.route("**/widget/files/", lambda route: held.append(route))  # noqa: PLW0108
    pick = visitor.panel.locator("[data-pick]")
    pick.set_input_files(
        [LAMP, {"name": "tool.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"}]
    )
    uploads = visitor.panel.locator(".chat__upload")
    uploads.nth(1).wait_for()
    uploads.nth(0).get_by_label("Describe the picture").fill("The red lamp")
    # The words never wait for a file.
    visitor.say("Here is a picture").sent("Here is a picture")
    bar = uploads.nth(0).locator("progress").is_visible()
    for _turn in range(SOON // 50):
        if len(held) == 2:
            break
        visitor.page.wait_for_timeout(50)
    for route in held:
        route.continue_()
    visitor.page.unroute("**/widget/files/")
    picture = visitor.panel.get_by_alt_text("The red lamp")
    picture.wait_for(timeout=SOON)
    uploads.locator("[data-fault]", has_text="cannot be sent").wait_for(timeout=SOON)
    uploads.get_by_label("Remove the file").click()
    uploads.wait_for(state="detached")
    agent = desk("grace@marlo.example")
    agent.goto(f"{site.url}/desk/open/{code}/")
    agent.locator(".thread .entry", has_text="lamp.png").wait_for(timeout=SOON)
    visitor.page.reload()
    visitor.open()
    picture.wait_for(timeout=SOON)

    assert bar
    assert visitor.entry("Here is a picture").count() == 1
    assert visitor.page.wrong == []


def test_the_panel_is_sound_in_every_state_and_scheme_and_in_forced_colours(visit, api):
    visitor = visit(attributes=" data-position=end").open()
    # Colours that are on their way from one scheme to the other are nobody's fault.
    visitor.page.emulate_media(reduced_motion="reduce")
    found = {}

    def look(state):
        for scheme in ("light", "dark"):
            visitor.page.emulate_media(color_scheme=scheme)
            found[state, scheme] = visitor.faults()

    look("begun")
    visitor.say("It stops").sent("It stops")
    code = visitor.code()
    visitor.panel.locator("[data-way]").wait_for(timeout=SOON)
    visitor.panel.locator("#way").fill("anna@")
    visitor.panel.locator("#way").press("Enter")
    visitor.panel.locator("#way-fault:not(:empty)").wait_for(timeout=SOON)
    visitor.panel.locator("[data-pick]").set_input_files([LAMP])
    visitor.panel.get_by_label("Describe the picture").wait_for(timeout=SOON)
    look("asked where to answer, with a fault and a file")
    api(f"tickets/{code}/replies", {"body": "I look at it."})
    visitor.entry("I look at it").wait_for(timeout=SOON)
    visitor.panel.locator("[data-menu] summary").click()
    look("led by a person, with the menu")
    visitor.page.keyboard.press("Escape")
    visitor.page.emulate_media(forced_colors="active")
    borders = visitor.frame.evaluate(BORDERS, [".chat__promise", ".chat__bubble", ".chat__send"])
    visitor.page.emulate_media(forced_colors="none")
    visitor.context.set_offline(True)
    visitor.panel.locator("[data-line]", has_text="Reconnecting").wait_for(timeout=SOON)
    look("cut off")
    visitor.context.set_offline(False)
    api(f"tickets/{code}/replies", {"body": "Solved.", "solve": True})
    visitor.panel.locator("[data-over]").wait_for(timeout=SOON)
    look("over")

    assert {state: faults for state, faults in found.items() if faults != [[], []]} == {}
    assert borders == [True, True, True]

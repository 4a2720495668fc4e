"""A day at the desk without a mouse: nothing is loaded anew, and the focus is never lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.conftest import Site, serving

pytestmark = pytest.mark.browser
CODE = re.compile(r"/desk/open/[0-9A-Z-]{14}/")


@pytest.fixture(scope="module")
def busy(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A company with enough tickets for a long list."""
    with serving(tmp_path_factory.mktemp("busy"), "demo", "--many", "900") as served:
        yield served


@pytest.fixture
def desk(busy: Site, browser: Any) -> Iterator[Any]:
    """A signed-in page that tells whether it was loaded anew."""
    context = browser.new_context(viewport={"width": 1440, "height": 800})
    page = context.new_page()
    busy.sign_in(page)
    page.goto(f"{busy.url}/desk/open/")
    page.evaluate("window.same = true")
    yield page
    context.close()


def until(page: Any, truth: str) -> None:
    """Wait for something on the page; its own scripts alone may make code of text."""
    for _ in range(100):
        if page.evaluate(truth):
            return
        page.wait_for_timeout(50)
    raise AssertionError(truth)


def tab_to(page: Any, truth: str) -> None:
    """Go there as a person without a mouse does."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate(truth):
            return
    raise AssertionError(truth)


def same(page: Any) -> bool:
    return bool(page.evaluate("window.same === true"))


def focus(page: Any) -> str:
    return str(page.evaluate("document.activeElement.dataset.row || document.activeElement.id"))


def down_to_nobodys(desk: Any, busy: Site) -> str:
    """Down the list to a ticket that nobody has: whoever takes one from a colleague says why."""
    nobodys = desk.request.get(f"{busy.url}/desk/unassigned/").text()
    for _ in range(49):
        desk.keyboard.press("j")
        if f"/desk/unassigned/{focus(desk)}/" in nobodys:
            return focus(desk)
    raise AssertionError("Everything is somebody's.")


def test_next_read_reply_with_a_promise_solve_next(desk: Any, busy: Site):
    number = down_to_nobodys(desk, busy)
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/desk/open/{number}/")
    desk.wait_for_selector(".desk--ticket")
    assert focus(desk) == "main"

    desk.keyboard.press("i")
    desk.wait_for_selector(".promise--bar:has-text('Jonas Berg owns the next step')")

    desk.keyboard.press("r")
    until(desk, "document.activeElement.matches('#text, [contenteditable]')")
    desk.keyboard.type("The depot opens at nine, I call them then.")
    tab_to(desk, "document.activeElement.matches('.composer [name=step]')")
    desk.keyboard.type("Call the depot")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_selector(".leaving")
    assert "The depot opens at nine" in desk.inner_text(".leaving")
    assert same(desk)

    desk.keyboard.press("Escape")
    desk.wait_for_selector(".desk--empty")
    assert focus(desk) == number
    desk.keyboard.press("j")
    following = focus(desk)
    desk.keyboard.press("k")
    desk.keyboard.press("o")
    desk.wait_for_selector(".desk--ticket")
    desk.keyboard.press("Control+e")
    desk.wait_for_url(f"**/desk/open/{following}/")
    until(desk, "document.activeElement.id === 'main'")
    assert same(desk)


def test_taking_a_ticket_from_a_colleague_asks_for_the_sentence_and_takes_it_by_enter(desk: Any, busy: Site):
    nobodys = [desk.request.get(f"{busy.url}/desk/{place}/").text() for place in ("unassigned", "mine")]
    for _ in range(49):
        desk.keyboard.press("j")
        if not any(f"/{focus(desk)}/" in page for page in nobodys):
            break
    number = focus(desk)
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/desk/open/{number}/")
    desk.wait_for_selector(".desk--ticket")

    desk.keyboard.press("i")
    until(desk, "document.activeElement.matches('[name=sentence]')")
    assert "Jonas Berg owns the next step" not in desk.inner_text(".promise--bar")
    desk.keyboard.type("Her depot is mine.")
    desk.keyboard.press("Enter")

    desk.wait_for_selector(".promise--bar:has-text('Jonas Berg owns the next step')")
    assert "Her depot is mine." in desk.inner_text("#main")
    assert same(desk)


def test_back_and_reload_keep_the_place_in_the_list(desk: Any):
    rows = desk.locator("[data-row]")
    rows.nth(30).scroll_into_view_if_needed()
    top = desk.evaluate("document.querySelector('.list__scroll').scrollTop")
    assert top > 0
    rows.nth(30).click()
    desk.wait_for_selector(".desk--ticket")
    assert desk.evaluate("document.querySelector('.list__scroll').scrollTop") == top
    first = desk.url

    desk.keyboard.press("j")
    until(desk, f"location.href !== '{first}'")
    desk.go_back()
    desk.wait_for_url(first)
    until(
        desk, "document.querySelector('.row[aria-current]').dataset.row === location.pathname.split('/')[3]"
    )
    assert abs(desk.evaluate("document.querySelector('.list__scroll').scrollTop") - top) < 100
    assert same(desk)
    desk.reload()
    assert abs(desk.evaluate("document.querySelector('.list__scroll').scrollTop") - top) < 100
    desk.go_back()
    desk.wait_for_selector(".desk--empty")
    assert abs(desk.evaluate("document.querySelector('.list__scroll').scrollTop") - top) < 100


def test_the_second_page_of_a_list_has_an_address(desk: Any):
    desk.locator("a[rel=next]").click()
    desk.wait_for_url("**/desk/open/?after=*")
    desk.locator("[data-row]").nth(3).click()
    desk.wait_for_selector(".desk--ticket")

    assert "after=" in desk.url
    desk.keyboard.press("u")
    desk.wait_for_selector(".desk--empty")
    assert "after=" in desk.url
    assert same(desk)


def test_letters_do_nothing_while_somebody_writes(desk: Any):
    desk.keyboard.press("/")
    assert focus(desk) == "q"

    desk.keyboard.type("jke")

    assert desk.input_value("#q") == "jke"
    assert desk.url.endswith("/desk/open/")


def test_letters_mean_the_place_on_the_keyboard(desk: Any):
    desk.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {code: 'KeyJ', key: 'ت', bubbles: true}))"
    )

    assert len(focus(desk)) == 14


def test_the_palette_goes_anywhere(desk: Any):
    begun = desk.evaluate("performance.now()")
    desk.keyboard.press("Control+k")
    desk.wait_for_selector("#palette[open] [role=option]")
    assert desk.evaluate("performance.now()") - begun < 1000
    assert focus(desk) == "" or desk.evaluate("document.activeElement.getAttribute('role')") == "combobox"

    desk.keyboard.type("due tod")
    until(
        desk,
        "document.querySelector('#palette [aria-selected=true]')?.innerText.includes('due today')",
    )
    chosen = desk.evaluate("document.activeElement.getAttribute('aria-activedescendant')")
    assert desk.locator(f"#{chosen}").get_attribute("aria-selected") == "true"
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/desk/due-today/")

    assert same(desk)


def test_g_and_a_letter_go_to_a_search(desk: Any):
    desk.keyboard.press("g")
    desk.keyboard.press("u")

    desk.wait_for_url("**/desk/unassigned/")
    assert same(desk)


def test_all_keys_are_told_and_can_be_changed(desk: Any, busy: Site):
    desk.keyboard.press("?")
    assert "go to the promises due today" in desk.inner_text("#keys[open]")
    desk.keyboard.press("Escape")

    desk.goto(f"{busy.url}/desk/settings/keys/")
    desk.fill('[name="key_next"]', "v")
    desk.locator("main form button[type=submit]").last.click()
    desk.goto(f"{busy.url}/desk/open/")
    desk.keyboard.press("j")
    assert focus(desk) == "main"
    desk.keyboard.press("v")
    assert len(focus(desk)) == 14

    desk.goto(f"{busy.url}/desk/settings/keys/")
    desk.fill('[name="key_next"]', "j")
    desk.locator("main form button[type=submit]").last.click()


def test_the_list_is_made_wider_and_stays_so(desk: Any):
    desk.locator(".list__edge").focus()
    before = desk.evaluate("document.querySelector('.list').offsetWidth")

    desk.keyboard.press("ArrowRight")
    desk.keyboard.press("ArrowRight")

    desk.reload()
    assert desk.evaluate("document.querySelector('.list').offsetWidth") == before + 32


@pytest.mark.parametrize("key", ["a", "s", "t", "p", "d"])
def test_a_key_opens_what_it_is_for(desk: Any, key: str):
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    desk.wait_for_selector(".desk--ticket")

    desk.keyboard.press(key)

    menu = "document.activeElement.closest('details[open]')"
    until(desk, f"{menu}?.querySelector('[data-key={key}]') && !document.activeElement.matches('summary')")


def test_what_a_key_does_stands_on_the_thing_itself(desk: Any):
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    desk.wait_for_selector(".desk--ticket")

    until(desk, "document.querySelector('[data-key=e]').getAttribute('aria-keyshortcuts') === 'E Control+E'")
    assert desk.locator("[data-key=t]").get_attribute("aria-keyshortcuts") == "T"


def test_a_form_that_cannot_be_sent_keeps_its_words(desk: Any):
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    desk.wait_for_selector(".desk--ticket")
    desk.keyboard.press("n")
    desk.keyboard.type("They open it at two")
    desk.context.set_offline(True)

    desk.keyboard.press("Control+Enter")
    until(desk, "document.getElementById('voice').textContent.includes('Nothing was sent')")

    assert desk.input_value("#text") == "They open it at two"
    desk.context.set_offline(False)
    desk.keyboard.press("Control+Enter")
    desk.wait_for_selector(".say--note >> text=They open it at two")
    assert same(desk)

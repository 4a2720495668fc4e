"""Every screen once, in the short form of `bin/screens`: sound, whole, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.access.table import DOORS
from tests.browser.screens.__main__ import furnished
from tests.browser.screens.eye import Eye
from tests.browser.screens.table import ELSEWHERE, SCREENS

pytestmark = pytest.mark.browser

# What differs most from one language to the next: the whole desk and the whole of the customers' side.
TELLING = ("list", "ticket", "ticket-merged", "company", "contact", "ask", "request")


@pytest.fixture(scope="module")
def house() -> Iterator[Any]:
    """The demo company with one of everything: its site, its words, the cookies of who looks."""
    with furnished() as served:
        yield served


def objections(
    browser: Any, house: Any, looker: str, language: str, names: tuple[str, ...] = ()
) -> list[str]:
    site, words, cookies = house
    cookie = {"guest": "", "agent": cookies[language]}.get(looker, cookies["owner"])
    eye = Eye.open(browser, site.url, language, cookie)
    wrong = []
    for screen in SCREENS:
        if screen.eye == looker and (not names or screen.name in names):
            found = eye.look(screen.path.format(**words[language]), [390 if names else 1440], ["light"])
            wrong += [f"{screen.name}: {each}" for each in found]
    eye.page.context.close()
    return wrong


@pytest.mark.parametrize("looker", ["guest", "owner", "agent"])
def test_every_screen_is_sound(browser, house, looker):
    assert objections(browser, house, looker, "en") == []


@pytest.mark.parametrize("language", ["fa", "he", "ro", "sw"])
def test_the_telling_screens_are_sound_in_every_language(browser, house, language):
    wrong = [objections(browser, house, looker, language, TELLING) for looker in ("guest", "owner", "agent")]

    assert wrong == [[], [], []]


def test_every_door_that_answers_a_look_is_a_screen_or_says_why_not(house):
    from django.urls import resolve

    _site, words, _cookies = house
    gone = "not-found"
    seen = {
        resolve(screen.path.format(**words["en"]).partition("?")[0]).view_name
        for screen in SCREENS
        if screen.name != gone
    }
    elsewhere = {name for names in ELSEWHERE.values() for name in names.split()}
    looks = {name for name, door in DOORS.items() if "GET" in door.methods and not name.startswith("api")}

    assert looks <= seen | elsewhere
    assert not elsewhere - looks


def test_an_agent_assigns_a_ticket_on_a_phone(browser, house):
    site, words, cookies = house
    eye = Eye.open(browser, site.url, "en", cookies["en"])
    eye.page.set_viewport_size({"width": 390, "height": 844})
    eye.page.goto(f"{eye.home}/desk/open/{words['en']['phoned']}/")

    eye.page.locator("[data-key=a]").click()
    eye.page.locator("[name=owner][value^=agent]").first.click()

    eye.page.wait_for_selector(".promise--bar:has-text('Lena Hart')")
    eye.page.goto(f"{eye.home}/desk/mine/{words['en']['phoned']}/")
    assert eye.page.locator(".promise--bar").text_content().count("Lena Hart")
    eye.page.context.close()

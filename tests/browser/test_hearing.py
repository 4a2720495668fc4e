"""A customer is heard, in a real browser: told back, put right, and taken higher when nothing was solved."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def asked(browser, site):
    """A request that a customer has just written, in the customer's own window."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{site.url}/ask/")
    page.fill("[name=problem]", "The parcel with my grinder is lost. I asked the courier twice.")
    page.fill("[name=email]", "heard@post.example")
    page.wait_for_timeout(2200)
    page.locator("form.form button.button--main, form.form .form__send button").first.click()
    page.wait_for_url("**/asked/")
    yield page, re.search(r"/r/([^/]+)/", page.url)[1]
    context.close()


def test_marked_words_are_told_back_corrected_and_a_solution_is_refused_twice(browser, site, asked):
    customer, number = asked
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    desk = context.new_page()
    site.sign_in(desk)
    desk.goto(f"{site.url}/desk/open/{number}/")

    _mark(desk, "The parcel with my grinder is lost.")
    desk.locator("[data-into=problem]").click()
    desk.locator("#hearing [name=ask]").click()
    desk.get_by_text("Not confirmed yet").first.wait_for()
    customer.goto(f"{site.url}/r/{number}/")
    asked_whether = customer.locator(".heard").inner_text()
    customer.get_by_role("link", name="Correct it").click()
    customer.fill("[name=wish]", "A new grinder before Saturday.")
    customer.locator(".form__send button").click()
    customer.wait_for_url(f"**/r/{number}/**")
    corrected = customer.locator(".heard").inner_text()
    for _time in range(2):
        _solve(desk, site, number)
        customer.goto(f"{site.url}/r/{number}/")
        customer.locator(".outcome__again summary").click()
        customer.fill(".outcome [name=text]", "Nothing came.")
        customer.locator(".outcome__again form button").click()
        # It is open again as soon as nothing is left to say about its solution.
        customer.locator(".outcome").wait_for(state="detached")
    desk.goto(f"{site.url}/desk/open/{number}/")

    assert "Is it right?" in asked_whether
    assert "The parcel with my grinder is lost." in asked_whether
    assert "A new grinder before Saturday." in corrected
    assert "2 times now" in desk.locator(".thread").inner_text()
    context.close()


def test_asking_again_for_what_was_said_is_seen_before_it_is_sent(browser, site, asked):
    _customer, number = asked
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    desk = context.new_page()
    site.sign_in(desk)
    desk.goto(f"{site.url}/desk/open/{number}/")

    desk.locator("#text").press_sequentially("Have you asked the courier yet?")
    warning = desk.locator("already-said .repeat")
    warning.wait_for()

    assert "I asked the courier twice." in warning.inner_text()
    context.close()


def _mark(page, words):
    """Mark words in the talk, as a mouse does."""
    page.evaluate(
        """words => {
          const walk = document.createTreeWalker(document.querySelector(".thread"), NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const at = walk.currentNode.data.indexOf(words);
            if (at < 0) continue;
            getSelection().setBaseAndExtent(walk.currentNode, at, walk.currentNode, at + words.length);
            return;
          }
        }""",
        words,
    )


def _solve(desk, site, number):
    """Take it as solved."""
    desk.goto(f"{site.url}/desk/open/{number}/")
    desk.get_by_role("button", name="Solve", exact=True).first.click()
    desk.get_by_role("button", name="Open again").wait_for()

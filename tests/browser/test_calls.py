"""Somebody asks to be called: the desk rings, an agent accepts, and the customer reads what came of it."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import pytest

from ahadi.lib.environment import ROOT
from tests.browser.shops import HUSH, play

pytestmark = pytest.mark.browser

# How soon it rings is measured by `python -m bench.calls`; a busy machine keeps no times.
SOON = 60_000
# Sundays are closed, and the tests run on Sundays too.
ALWAYS_OPEN = """
import json, sys, django
django.setup()
from ahadi.people.models import Company
hours = Company.current().working_hours
before = json.dumps([hours.hours, hours.holidays])
given = json.loads(sys.argv[1]) if len(sys.argv) > 1 else None
all_day = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
hours.hours, hours.holidays = given or (all_day, {})
hours.save()
print(before)
"""


@pytest.fixture
def open_site(site: Any):
    """The demo company, open day and night while the test runs."""

    def change(*given: str) -> str:
        environment = site.environment | {"DJANGO_SETTINGS_MODULE": "ahadi.settings"}
        command = [sys.executable, "-c", ALWAYS_OPEN, *given]
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    before = change()
    play(site, HUSH)
    yield site
    change(before)


def see_somebody_free(site: Any, customer: Any) -> None:
    """Look at the page again until the desk has told that somebody sits there."""
    end = time.monotonic() + SOON / 1_000
    while True:
        customer.goto(f"{site.url}/call/")
        if customer.get_by_text("Somebody is free now").is_visible():
            return
        assert time.monotonic() < end, "Nobody is ever free."


def test_call_me_now_rings_at_the_desk_and_its_outcome_is_read_by_the_customer(open_site, browser):
    site, wrong = open_site, []
    desk, home = browser.new_context(), browser.new_context()
    agent, customer = desk.new_page(), home.new_page()
    for page in (agent, customer):
        page.on("pageerror", lambda error: wrong.append(error.stack))
    site.sign_in(agent, "grace@marlo.example")
    agent.locator("#rings").wait_for(state="attached")

    see_somebody_free(site, customer)
    customer.locator("[name=phone]").fill("+44 20 7946 0182")
    customer.locator("[name=text]").fill("The grinder stops after two seconds.")
    # Nobody who writes by hand is as fast as what fills in every form it finds.
    customer.wait_for_timeout(2_000)
    customer.get_by_role("button", name="Call me").click()
    ring = agent.locator(".ring", has_text="The grinder stops")
    ring.wait_for(timeout=SOON)
    customer.wait_for_url("**/asked/")
    code = customer.url.split("/")[4]
    ring.get_by_role("button", name="Accept").click()
    agent.wait_for_url("**/call/")
    dial = agent.locator("a[href^='tel:']").first.get_attribute("href")
    customer.goto(f"{site.url}/r/{code}/")
    while_called = customer.locator("main").inner_text()
    agent.locator("[name=text]").fill("A new grinder leaves today.")
    agent.locator("[name=step]").fill("The parcel arrives")
    agent.get_by_role("button", name="Write it down").click()
    agent.locator(".thread", has_text="A new grinder leaves today.").wait_for()
    customer.reload()

    assert dial == "tel:+44-20-7946-0182"
    assert "Grace calls you now" in while_called
    said = customer.locator("main").inner_text()
    assert "A new grinder leaves today." in said
    assert "The parcel arrives" in said
    assert agent.locator(".ring").count() == 0
    assert wrong == []
    desk.close()
    home.close()

"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from ahadi.lib import clock, dns
from ahadi.testing import machine

# No test fails because a machine is busy.
hypothesis.settings.register_profile(
    "house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("house")


@pytest.fixture(autouse=True, scope="session")
def no_names() -> Iterator[None]:
    """No test asks the network for a name: those that need answers bring them."""
    with dns.answering({}):
        yield


@pytest.fixture
def frozen() -> Iterator[datetime]:
    """Time stands still on a Wednesday morning: 2 December 2026, 10:00 UTC."""
    with clock.at(datetime(2026, 12, 2, 10, tzinfo=UTC)) as moment:
        yield moment


@pytest.fixture(scope="session")
def material() -> Path:
    """The folder of real material; the test is skipped, and named at the end, where it is absent."""
    folder = machine.find_material()
    if not folder.is_dir():
        pytest.skip(f"no test material in {folder}; set AHADI_SHARED")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium; the test is skipped, and named at the end, where there is none."""
    path = machine.find_chromium()
    if path is None:
        pytest.skip("no Chromium on this machine; set AHADI_CHROMIUM")
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in the thread of the test, where Django would refuse the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A fresh page of the browser, with nothing remembered."""
    context = browser.new_context()
    yield context.new_page()
    context.close()

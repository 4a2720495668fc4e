"""The whole product, running for the browser: demo company, a signed-in administrator."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from ahadi.lib.environment import ROOT
from ahadi.testing import prepared
from tests.browser.place import free_port, wait_for


@dataclass(frozen=True)
class Site:
    """A running product: where it is, where its mail comes in, and how its data is asked."""

    url: str
    smtp_port: int
    environment: dict[str, str]
    _cookies: dict[str, Any] = field(default_factory=dict)

    def ask(self, *arguments: str) -> str:
        """Run an `ahadi` command on the same data."""
        return _ahadi(self.environment, *arguments)

    def sign_in(self, page: Any, email: str = "jonas@marlo.example") -> None:
        """Sign an agent in through the one-time link, with the button that a person presses.

        Whoever has signed in here before comes with the same cookies, as with the same browser.
        """
        if email in self._cookies:
            page.context.add_cookies(self._cookies[email])
            page.goto(f"{self.url}/desk/")
        if "/desk/" not in page.url:
            page.goto(self.ask("agent", "link", email).split()[-1])
            page.locator("main form[method=post] button").first.click()
            page.wait_for_url("**/desk/**")
            self._cookies[email] = page.context.cookies()


@pytest.fixture(scope="session")
def site(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo company, served on a port of its own."""
    with serving(tmp_path_factory.mktemp("site"), "demo") as served:
        yield served


@contextmanager
def serving(data: Any, *prepare: str) -> Iterator[Site]:
    """The product on a data folder and ports of its own, after an `ahadi` command that prepares it."""
    environment = _environment(data)
    prepared.copy(data, *prepare)
    process = subprocess.Popen(
        [sys.executable, "-m", "ahadi", "up"], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        wait_for(f"{environment['AHADI_URL']}/healthz")
        yield Site(environment["AHADI_URL"], int(environment["AHADI_SMTP_IN"].split(":")[1]), environment)
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def number(site: Site, browser: Any) -> str:
    """The tracking code of the demo company's lost parcel."""
    context = browser.new_context()
    page = context.new_page()
    site.sign_in(page)
    page.goto(f"{site.url}/desk/search/?q=parcel")
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page.content())
    context.close()
    assert code is not None
    return code[0]


def _environment(data: Any) -> dict[str, str]:
    web, smtp = free_port(), free_port()
    return prepared.surroundings(
        data,
        AHADI_PORT=str(web),
        AHADI_URL=f"http://localhost:{web}",
        AHADI_SMTP_IN=f"127.0.0.1:{smtp}",
    )


def _ahadi(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "ahadi", *arguments]
    return subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

"""Every screen in every language and at three widths: accessible, whole, nothing loaded from elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

LANGUAGES = ["en", "fa", "he", "ro", "sw"]
WIDTHS = (1024, 390, 1440)
# Where axe looks, which takes longest. What it finds hangs on markup and colours, which are the same in every
# language: one from each side sees both schemes at both ends, the others see what customers see.
LOOKS = {"en": [(1440, "light"), (390, "dark")], "fa": [(1440, "dark"), (390, "light")]}
LOOKS_OF_CUSTOMERS = {"he": [(390, "light")], "ro": [(1440, "light")], "sw": [(390, "light")], **LOOKS}
PORTAL = [
    "/",
    "/ask/",
    "/r/",
    "/r/?code=short",
    "/r/K7QF-9T2M-XR4D/",
    "/r/{foreign}/",
    "/r/{mailed}/",
    "/r/{mailed}/none/",
    "/r/{phoned}/",
    "/r/{phoned}/asked/",
    "/accounts/login/",
    "/accounts/login/code/",
    "/accounts/password/reset/",
    "/accounts/link/none/",
    "/nothing-here/",
]
DESK = [
    "/desk/open/",
    "/desk/broken/",
    "/desk/search/?q=grinder",
    "/desk/search/?q=nothing-like-this",
    "/desk/open/{mailed}/",
    "/desk/open/{phoned}/",
    "/desk/settings/company/",
    "/desk/settings/hours/",
    "/desk/settings/hours/1/",
    "/desk/settings/hours/1/holidays/?country=DE&year=2026",
    "/desk/settings/teams/",
    "/desk/settings/teams/1/",
    "/desk/settings/agents/",
    "/desk/settings/agents/1/",
    "/desk/settings/inboxes/",
    "/desk/settings/inboxes/1/",
    "/desk/settings/inboxes/1/in/",
    "/desk/settings/inboxes/webhooks/",
    "/desk/settings/trust/",
    "/desk/settings/letterhead/",
    "/desk/settings/mail-checks/",
    "/desk/settings/mail-checks/1/",
    "/desk/settings/quarantine/",
    "/desk/settings/automatic/",
    "/desk/settings/outbox/",
    "/desk/settings/profile/",
    "/accounts/2fa/",
    "/accounts/sessions/",
    "/dev/outbox/",
]
# Chromium itself says so when a page answers that it is not there, is over, or wants a better word.
EXPECTED = re.compile("the server responded with a status of (404|410|422)")
# What stands further out than the page is wide, and does not scroll by itself.
OUTSIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")].filter(element => {
    const box = element.getBoundingClientRect();
    return box.width && (box.right > width + 1 || box.left < -1);
  }).slice(0, 5).map(element => element.outerHTML.slice(0, 120));
}"""


@dataclass
class Reader:
    """One browser window whose every complaint is written down."""

    page: Any
    home: str
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda said: said.type == "error" and self.seen.append(said.text))
        self.page.on("pageerror", lambda error: self.seen.append(str(error)))
        self.page.on("request", lambda asked: self._note(asked.url))

    def speak(self, language: str) -> None:
        """Read in a language as a customer does: by choosing it."""
        self.page.context.add_cookies([{"name": "language", "value": language, "url": self.home}])

    def look(self, path: str, language: str, looks: dict[str, list[tuple[int, str]]]) -> list[str]:
        """What is wrong with a screen."""
        self.seen.clear()
        self.page.emulate_media(color_scheme="light")
        self.page.goto(self.home + path)
        found = [f"{path} {said}" for said in self.seen if not EXPECTED.search(said)]
        html = self.page.locator("html")
        direction = "rtl" if language in ("fa", "he") else "ltr"
        if (html.get_attribute("lang"), html.get_attribute("dir")) != (language, direction):
            found.append(f"{path} speaks {html.get_attribute('lang')} {html.get_attribute('dir')}")
        if self.page.locator("h1").count() != 1:
            found.append(f"{path} has {self.page.locator('h1').count()} headings")
        for width in WIDTHS:
            found += [f"{path} at {width}: {part}" for part in self._widen(width)]
            found += self._inspect(path, width, looks.get(language, []))
        return found

    def _widen(self, width: int) -> list[str]:
        self.page.set_viewport_size({"width": width, "height": 900})
        outside: list[str] = self.page.evaluate(OUTSIDE)
        return outside

    def _inspect(self, path: str, width: int, looks: list[tuple[int, str]]) -> list[str]:
        found = []
        for scheme in [scheme for at, scheme in looks if at == width]:
            self.page.emulate_media(color_scheme=scheme)
            report = Axe().run(self.page)
            if report.violations_count:
                found.append(f"{path} at {width} {scheme}: {report.generate_report()}")
        return found

    def _note(self, url: str) -> None:
        if urlsplit(url).scheme not in ("data", "blob") and not url.startswith(self.home):
            self.seen.append(f"asked {url}")


@pytest.fixture(scope="module")
def agent(browser, site):
    """The window of an administrator."""
    context = browser.new_context(reduced_motion="reduce")
    site.ask("agent", "create", "ada@marlo.example", "--name", "Ada Stone", "--admin")
    page = context.new_page()
    site.sign_in(page, "ada@marlo.example")
    yield Reader(page, site.url)
    context.close()


@pytest.fixture(scope="module")
def customer(browser, site):
    """The window of a customer."""
    context = browser.new_context(reduced_motion="reduce")
    yield Reader(context.new_page(), site.url)
    context.close()


@pytest.fixture(scope="module")
def numbers(site, agent, customer) -> dict[str, str]:
    """A request whose link the customer opened, one begun with a phone number, one of somebody else."""
    agent.speak("en")
    agent.page.goto(f"{site.url}/desk/search/?q=parcel")
    mailed = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", agent.page.content())[0]
    agent.page.goto(f"{site.url}/desk/search/?q=grinder")
    foreign = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", agent.page.content())[0]
    customer.page.goto(site.url + _link_in_mail(site, agent.page, mailed))
    customer.page.locator("main form button").click()
    return {"mailed": mailed, "foreign": foreign, "phoned": _ask_by_phone(site, customer.page)}


def _link_in_mail(site: Any, page: Any, number: str) -> str:
    page.goto(f"{site.url}/dev/outbox/")
    for path in page.locator("main a, body a").evaluate_all("all => all.map(a => a.getAttribute('href'))"):
        if re.fullmatch(r"/dev/outbox/\d+/", path or ""):
            page.goto(site.url + path)
            found = re.search(rf"/r/{number}/[\w-]{{20,}}/", page.content())
            if found:
                return found[0]
    raise AssertionError(f"no mail about {number}")


def _ask_by_phone(site: Any, page: Any) -> str:
    page.goto(f"{site.url}/ask/")
    page.locator("[name=problem]").fill(
        "The lid does not close. It is the small one, and I bought it in May."
    )
    page.locator("[name=way][value=phone]").check()
    page.locator("[name=phone]").fill("+44 20 7946 0999")
    # Faster than a person is refused.
    page.wait_for_timeout(2000)
    page.locator("main form button").last.click()
    page.wait_for_url("**/asked/")
    return urlsplit(page.url).path.split("/")[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_customers_pages_are_sound(customer, numbers, language):
    customer.speak(language)

    wrong = []
    for path in PORTAL:
        wrong += customer.look(path.format(**numbers), language, LOOKS_OF_CUSTOMERS)

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_desk_is_sound(agent, numbers, language):
    agent.speak(language)
    agent.page.goto(f"{agent.home}/desk/settings/profile/")
    agent.page.locator("select[name=language]").select_option(language)
    agent.page.locator("main form button[type=submit]").first.click()

    wrong = []
    for path in DESK:
        wrong += agent.look(path.format(**numbers), language, LOOKS)

    assert wrong == []


def test_an_agent_assigns_a_ticket_on_a_phone(agent, numbers):
    agent.page.set_viewport_size({"width": 390, "height": 844})
    agent.page.goto(f"{agent.home}/desk/open/{numbers['phoned']}/")

    agent.page.locator("[data-key=a]").click()
    agent.page.locator("[name=owner][value^=agent]").first.click()

    agent.page.wait_for_selector(".promise--bar:has-text('Ada Stone')")
    agent.page.goto(f"{agent.home}/desk/mine/{numbers['phoned']}/")
    assert agent.page.locator(".promise--bar").text_content().count("Ada Stone")

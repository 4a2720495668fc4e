"""Every screen in every language: accessible, no script error, nothing loaded from elsewhere."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

LANGUAGES = ["en", "fa", "he", "ro", "sw"]
PORTAL = ["/", "/ask/", "/r/K7QF-9T2M-XR4D/", "/accounts/login/", "/nothing-here/"]
DESK = [
    "/desk/open/",
    "/desk/broken/",
    "/desk/search/?q=grinder",
    "/desk/settings/company/",
    "/desk/settings/hours/",
    "/desk/settings/teams/",
    "/desk/settings/agents/",
    "/desk/settings/inboxes/",
    "/desk/settings/quarantine/",
    "/desk/settings/outbox/",
    "/desk/settings/profile/",
]
# Chromium itself says these two when a page answers 404 and when a font is asked for twice.
EXPECTED = ("the server responded with a status of 404",)


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture(params=["light", "dark"])
def reader(request, browser, site, language):
    """A browser of somebody who reads this language, by day or by night."""
    context = browser.new_context(locale=language, color_scheme=request.param, base_url=site.url)
    context.add_cookies([{"name": "language", "value": language, "url": site.url}])
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda said: said.type == "error" and page.complaints.append(said.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda asked: _note_stranger(page, asked.url, site.url))
    yield page
    context.close()


def _note_stranger(page, url, home):
    if urlsplit(url).scheme not in ("data", "blob") and not url.startswith(home):
        page.complaints.append(f"asked {url}")


def look(page, path, language):
    page.goto(path)

    found = Axe().run(page)
    said = [text for text in page.complaints if not any(known in text for known in EXPECTED)]
    direction = page.locator("html").get_attribute("dir")
    assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    assert said == [], path
    assert page.locator("html").get_attribute("lang") == language
    assert direction == ("rtl" if language in ("fa", "he") else "ltr")
    assert page.locator("h1").count() == 1, path


def test_customers_pages_are_sound(reader, language):
    for path in PORTAL:
        look(reader, path, language)


def test_the_desk_is_sound(reader, language, site, number):
    site.ask("agent", "create", f"{language}@marlo.example", "--name", "Ada Stone", "--admin") if not _exists(
        site, language
    ) else None
    site.sign_in(reader, f"{language}@marlo.example")
    reader.goto("/desk/settings/profile/")
    reader.locator("select[name=language]").select_option(language)
    reader.locator("main form button[type=submit]").first.click()

    for path in [*DESK, f"/desk/open/{number}/"]:
        look(reader, path, language)


def _exists(site, language):
    try:
        site.ask("agent", "link", f"{language}@marlo.example")
    except Exception:
        return False
    return True

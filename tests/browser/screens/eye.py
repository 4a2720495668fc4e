"""One browser window whose every complaint is written down, and what is wrong with what it shows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Error

LANGUAGES = ["en", "fa", "he", "ro", "sw"]
SCHEMES = ["light", "dark"]
WIDTHS = [1440, 1024, 390]
# Half of 1440 is what is left of it at 200 % zoom; below 320 nothing has to fit (WCAG 1.4.10).
ZOOMED = [720, 320]
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
# Every rule of axe that is broken, or only some rules, with what breaks it.
AXE = """async rules => {
  const asked = {resultTypes: ["violations"]};
  const told = await axe.run(document, rules.length ? {...asked, runOnly: rules} : asked);
  return told.violations.map(each => [each.id, each.nodes.map(node => node.target.join(" "))]);
}"""


@dataclass
class Eye:
    """A window in one language, with the cookie of whoever looks."""

    page: Any
    home: str
    language: str
    seen: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, browser: Any, home: str, language: str, cookie: str = "") -> Self:
        """A new window."""
        context = browser.new_context(reduced_motion="reduce")
        cookies = {"language": language} | ({"session": cookie} if cookie else {})
        context.add_cookies([{"name": name, "value": value, "url": home} for name, value in cookies.items()])
        return cls(context.new_page(), home, language)

    def __post_init__(self) -> None:
        self.page.on("console", lambda said: said.type == "error" and self.seen.append(said.text))
        self.page.on("pageerror", lambda error: self.seen.append(str(error)))
        self.page.on("request", lambda asked: self._note(asked.url))

    def look(
        self,
        path: str,
        widths: list[int],
        schemes: list[str],
        pictures: dict[tuple[str, int], Path] | None = None,
    ) -> list[str]:
        """Load a page once, show it at every width and in every scheme; returns what is wrong with it."""
        self.seen.clear()
        self.page.set_viewport_size({"width": widths[0], "height": 900})
        try:
            found = self._read(self.page.goto(self.home + path))
            self.page.evaluate(AXE_FILE_PATH.read_text())
        except Error as error:
            return [error.message.splitlines()[0]]
        for width in [*widths, *ZOOMED]:
            self.page.set_viewport_size({"width": width, "height": 900})
            found += [f"too wide at {width}: {part}" for part in self.page.evaluate(OUTSIDE)]
            for scheme in schemes if width in widths else []:
                self.page.emulate_media(color_scheme=scheme)
                if pictures:
                    self.page.screenshot(path=pictures[scheme, width], type="jpeg", quality=70)
                # Another scheme has other colours and nothing else.
                rules = [] if scheme == schemes[0] else ["color-contrast"]
                found += [f"at {width} {scheme}: {said}" for said in self._inspect(rules)]
        return found + [said for said in self.seen if not EXPECTED.search(said)]

    def _read(self, answer: Any) -> list[str]:
        html = self.page.locator("html")
        direction = "rtl" if self.language in ("fa", "he") else "ltr"
        found = [f"answers {answer.status}"] if answer.status not in (200, 404, 410, 422) else []
        if (html.get_attribute("lang"), html.get_attribute("dir")) != (self.language, direction):
            found.append(f"speaks {html.get_attribute('lang')} {html.get_attribute('dir')}")
        if (headings := self.page.locator("h1").count()) != 1:
            found.append(f"has {headings} main headings")
        return found

    def _inspect(self, rules: list[str]) -> list[str]:
        found = self.page.evaluate(AXE, rules)
        return [f"{name} {targets[:4]}" for name, targets in found]

    def _note(self, url: str) -> None:
        if urlsplit(url).scheme not in ("data", "blob") and not url.startswith(self.home):
            self.seen.append(f"asked {url}")

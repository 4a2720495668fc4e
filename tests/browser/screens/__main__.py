"""Pictures of every screen, in every language, scheme and width, and what is wrong with them.

`bin/screens` writes them with an index; it fails where axe objects, a page is wider than its window (also at
200 % zoom), a script complains, or anything is asked of another site.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from itertools import product
from pathlib import Path
from time import monotonic
from typing import Any

from playwright.sync_api import sync_playwright

from ahadi.lib.environment import ROOT
from ahadi.testing import machine
from tests.browser.conftest import Site, serving
from tests.browser.screens.eye import LANGUAGES, SCHEMES, WIDTHS, Eye
from tests.browser.screens.table import SCREENS, Screen


def main() -> int:
    """Look at all that was asked for; 1 where something is wrong."""
    asked = _arguments()
    begun, wrong = monotonic(), []
    wanted = [screen for screen in SCREENS if not asked.only or screen.name in asked.only]
    with furnished() as (site, words, cookies), sync_playwright() as player:
        browser = player.chromium.launch(executable_path=machine.find_chromium(), args=["--no-sandbox"])
        for language in asked.language:
            for looker in ("guest", "owner", "agent"):
                cookie = cookies.get(looker, cookies[language]) if looker != "guest" else ""
                eye = Eye.open(browser, site.url, language, cookie)
                for screen in [each for each in wanted if each.eye == looker]:
                    path = screen.path.format(**words[language])
                    found = eye.look(path, asked.width, asked.scheme, _pictures(asked, language, screen))
                    wrong += [f"{language} {screen.name}: {each}" for each in found]
                eye.page.context.close()
            say(f"{language}: {monotonic() - begun:.0f} s, {len(wrong)} objections")
        browser.close()
    write_index(asked.folder, wanted, asked)
    count = len(wanted) * len(asked.language) * len(asked.scheme) * len(asked.width)
    for each in wrong:
        say(each)
    say(f"{len(wanted)} screens, {count} pictures in {asked.folder}, {len(wrong)} objections.")
    return 1 if wrong else 0


@contextmanager
def furnished() -> Iterator[tuple[Site, dict[str, dict[str, Any]], dict[str, str]]]:
    """The demo company with one of everything, served; how its pages are called, and who sees them."""
    with tempfile.TemporaryDirectory() as data, serving(Path(data), "demo") as site:
        command = [sys.executable, "-m", "tests.browser.screens.furnish"]
        environment = {**site.environment, "DJANGO_SETTINGS_MODULE": "ahadi.settings"}
        told = subprocess.run(
            command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
        )
        given = json.loads(told.stdout.splitlines()[-1])
        words = {language: given["words"] | own for language, own in given["own"].items()}
        yield site, words, given["cookies"]


def say(text: str) -> None:
    """A line for whoever waits."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def write_index(folder: Path, screens: list[Screen], asked: argparse.Namespace) -> None:
    """One page of thumbnails for each language, scheme and width, and one that leads to them."""
    places = [f"{language}/{scheme}/{width}" for language, scheme, width in _looks(asked)]
    for place in places:
        width = 150 if place.endswith("/390") else 330
        shown = "".join(
            f'<a href="{screen.name}.jpg"><img loading="lazy" width="{width}" src="{screen.name}.jpg" alt="">'
            f"<br>{screen.name}</a>"
            for screen in screens
        )
        (folder / place / "index.html").write_text(_page(place, shown), encoding="utf-8")
    links = "".join(f'<a href="{escape(place)}/index.html">{escape(place)}</a>' for place in places)
    (folder / "index.html").write_text(_page("Screens", links), encoding="utf-8")


def _page(title: str, content: str) -> str:
    style = "body{font:12px sans-serif;background:#888}"
    style += "a{display:inline-block;margin:4px;color:#000;vertical-align:top}"
    return f"<!doctype html><meta charset=utf-8><title>{title}</title><style>{style}</style>{content}"


def _pictures(asked: argparse.Namespace, language: str, screen: Screen) -> dict[tuple[str, int], Path]:
    found = {}
    for scheme, width in product(asked.scheme, asked.width):
        place = asked.folder / language / scheme / str(width)
        place.mkdir(parents=True, exist_ok=True)
        found[scheme, width] = place / f"{screen.name}.jpg"
    return found


def _looks(asked: argparse.Namespace) -> Iterator[tuple[str, str, int]]:
    return product(asked.language, asked.scheme, asked.width)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("bin/screens", description=__doc__)
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path("screens"), help="where they are written"
    )
    parser.add_argument("--language", nargs="+", choices=LANGUAGES, default=LANGUAGES)
    parser.add_argument("--scheme", nargs="+", choices=SCHEMES, default=SCHEMES)
    parser.add_argument("--width", nargs="+", type=int, default=WIDTHS)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these screens")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

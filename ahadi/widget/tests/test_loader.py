"""What pages of other sites load, and how little of it."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from ahadi.lib.environment import ROOT
from ahadi.ui.assets import stylesheet
from ahadi.widget import loader

STATIC = loader.SOURCE.parent
LOADER, PANEL, DESK = 6_000, 70_000, 60_000


def packed(*parts: str) -> int:
    return sum(len(gzip.compress(part.encode(), 9)) for part in parts)


def scripts(folder: Path) -> list[str]:
    return [
        path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.js")) if path != loader.SOURCE
    ]


def test_the_loader_is_six_kilobytes_at_most():
    assert packed(loader.script()) <= LOADER


def test_the_panel_is_seventy_kilobytes_at_most_with_the_common_styles():
    styles = [(STATIC / "panel.css").read_text(encoding="utf-8"), stylesheet()]

    assert packed(*scripts(STATIC), *styles) <= PANEL


def test_the_scripts_of_the_desk_are_sixty_kilobytes_at_most():
    assert packed(*scripts(ROOT / "ahadi/desk/static"), *scripts(ROOT / "ahadi/ui/static/ui/js")) <= DESK


def test_the_loader_knows_its_words_in_every_language(settings):
    words = re.search(r"const WORDS=(\{.*?\}\});", loader.script())

    assert words is not None
    for code, _name in settings.LANGUAGES:
        assert f'"{code}":{{"open":' in words[1]
    assert "{}" in words[1]


@pytest.mark.parametrize("forbidden", ["innerHTML", "eval(", "pushState", "localStorage", "cssText"])
def test_the_loader_leaves_the_page_around_alone(forbidden):
    assert forbidden not in loader.script()


def test_every_module_of_the_panel_is_fetched_before_it_is_asked_for():
    frame = (ROOT / "ahadi/widget/jinja2/widget/frame.html").read_text(encoding="utf-8")
    needed = {path.stem for path in STATIC.glob("*.js")} - {"loader", "panel"}

    listed = re.search(r"for name in \((.*?)\)", frame)

    assert listed is not None
    assert set(re.findall(r"\w+", listed[1])) == needed

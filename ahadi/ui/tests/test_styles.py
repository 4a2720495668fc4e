from __future__ import annotations

import re
from pathlib import Path

import pytest

from ahadi.ui import assets

STYLES = sorted((assets.SOURCE / "css").glob("*.css"))
UNCOLOURED = [path for path in STYLES if path.name != "colors.css"]
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right|top|bottom)"
    r"|left|right|top|bottom|(?:text-align|float|clear)\s*:\s*(?:left|right)|(?:min-|max-)?(?:width|height)\s*:)"
)
COLOUR = re.compile(r"#[0-9A-Fa-f]{3,8}\b|\b(?:rgb|rgba|hsl|hsla|oklch|lab|lch)\(")


def _rules(path: Path) -> str:
    without_comments = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    return re.sub(r"@media[^{]*", "", without_comments)


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_style_knows_only_logical_directions(path: Path):
    found = PHYSICAL.findall(_rules(path))

    assert found == []


@pytest.mark.parametrize(
    "path", [path for path in STYLES if path.name != "colors.css"], ids=lambda path: path.name
)
def test_a_style_takes_its_colours_from_the_tokens(path: Path):
    found = COLOUR.findall(_rules(path))

    assert found == []


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_every_rule_is_in_a_layer(path: Path):
    outside = re.sub(r"@layer [a-z]+ \{.*\n\}\n", "", _rules(path), flags=re.DOTALL).strip()

    assert outside in ("", "@layer reset, tokens, base, components, screens, utilities;")


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_style_closes_what_it_opens(path: Path):
    text = _rules(path)

    assert text.count("{") == text.count("}")


def test_every_token_that_is_used_is_defined():
    everything = "\n".join(path.read_text("utf-8") for path in STYLES)
    defined = set(re.findall(r"(--[\w-]+)\s*:", everything))

    used = set(re.findall(r"var\((--[\w-]+)\)", everything))

    assert used - defined == set()


def test_one_stylesheet_holds_them_all_with_the_layers_first():
    text = assets.stylesheet()

    assert text.startswith("@layer reset, tokens, base, components, screens, utilities;")
    assert all(path.read_text("utf-8") in text for path in STYLES)
    assert "U+06F0-06F9" in text

from __future__ import annotations

import re

import pytest

from ahadi.ui import assets

TEXT, SHAPE = 4.5, 3.0
GROUNDS = ("bg-canvas", "bg-surface", "bg-subtle", "bg-selected", "bg-note", "bg-agent")
MEANINGS = ("info", "ok", "warn", "bad", "wait")
PAIRS = [
    *[(f"text-{rank}", ground, TEXT) for rank in ("primary", "secondary", "tertiary") for ground in GROUNDS],
    *[("text-link", ground, TEXT) for ground in GROUNDS if ground != "bg-selected"],
    ("text-onaccent", "accent-solid", TEXT),
    ("text-onaccent", "accent-solid-hover", TEXT),
    ("accent-text", "accent-bg", TEXT),
    *[(f"{meaning}-text", f"{meaning}-bg", TEXT) for meaning in MEANINGS],
    *[(f"{meaning}-text", "bg-surface", TEXT) for meaning in MEANINGS],
    ("warn-text", "bg-note", TEXT),
    *[
        (shape, ground, SHAPE)
        for shape in ("border-strong", "focus-ring")
        for ground in ("bg-surface", "bg-canvas")
    ],
    ("accent-solid", "bg-surface", SHAPE),
    ("bad-solid", "bg-surface", SHAPE),
    *[(f"promise-{ink}", "promise-bg", TEXT) for ink in ("ink", "loud", "muted")],
    *[(ink, "bar-bg", TEXT) for ink in ("bar-ink", "bar-muted", "promise-soon")],
    *[(f"broken-{ink}", "broken-bg", TEXT) for ink in ("ink", "muted")],
    ("promise-button-ink", "promise-button", TEXT),
    ("broken-button-ink", "broken-button", TEXT),
]


def _schemes() -> dict[str, dict[str, str]]:
    text = (assets.SOURCE / "css" / "colors.css").read_text("utf-8")
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", text)
    return {
        "light": {name: light for name, light, _dark in found},
        "dark": {name: dark for name, _light, dark in found},
    }


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "needed"), PAIRS, ids=lambda value: str(value))
def test_a_pair_of_colours_can_be_read(ink: str, ground: str, needed: float, scheme: str):
    colours = _schemes()[scheme]

    darker, lighter = sorted((_luminance(colours[ink]), _luminance(colours[ground])))

    assert (lighter + 0.05) / (darker + 0.05) >= needed


def test_browsers_without_light_dark_get_the_light_table():
    text = (assets.SOURCE / "css" / "colors.css").read_text("utf-8")
    pairs = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}|rgb\([^)]*\)), ", text))

    plain = dict(re.findall(r"--([\w-]+): (#\w{6}|rgb\([^)]*\));", text))

    assert plain == pairs

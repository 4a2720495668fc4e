"""Our mails inside the pages of webmail, which lend them their own direction of writing (rule E-71)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from ahadi.channels.email import samples
from ahadi.lib import clock
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.browser]

# Direction, alignment and text of every cell that holds words.
CELLS = """() => [...document.querySelectorAll("#mail td")]
  .filter(cell => cell.innerText.trim() && !cell.querySelector("td"))
  .map(cell => {
    const style = getComputedStyle(cell), box = cell.getBoundingClientRect();
    const range = document.createRange(); range.selectNodeContents(cell);
    const words = [...range.getClientRects()].filter(part => part.width);
    return {
      text: cell.innerText.trim(), direction: style.direction, dir: cell.getAttribute("dir"),
      gapLeft: Math.min(...words.map(part => part.left)) - box.left,
      gapRight: box.right - Math.max(...words.map(part => part.right)),
    };
  })"""


def inside(html: str, direction: str) -> str:
    """The mail as webmail shows it: its body within a page of another direction."""
    body = re.search(r"<body[^>]*>(.*)</body>", html, re.DOTALL)[1]
    return (
        f'<!doctype html><html dir="{direction}"><meta charset="utf-8"><body>'
        f'<div id="mail" style="width:600px">{body}</div></body></html>'
    )


@pytest.fixture
def page(browser: Any) -> Any:
    page = browser.new_page()
    yield page
    page.close()


@pytest.mark.parametrize(("language", "around"), [("fa", "ltr"), ("he", "ltr"), ("en", "rtl"), ("ro", "rtl")])
@pytest.mark.parametrize("kind", list(samples.KINDS))
def test_a_mail_keeps_its_direction_inside_another(page, kind: str, language: str, around: str):
    make.company()
    make.inbox()
    written = samples.write(kind, language, clock.now() + timedelta(days=1))

    page.set_content(inside(written.html, around))
    cells = page.evaluate(CELLS)

    own = "rtl" if language in ("fa", "he") else "ltr"
    code = next(cell for cell in cells if samples.NUMBER in cell["text"])
    others = [cell for cell in cells if cell is not code]
    assert len(others) >= 5
    assert {cell["direction"] for cell in others} == {own}
    # The code reads from left to right in every language, and stands at the edge where reading begins.
    assert code["direction"] == "ltr"
    near, far = ("gapRight", "gapLeft") if own == "rtl" else ("gapLeft", "gapRight")
    assert code[near] < code[far]

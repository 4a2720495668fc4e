"""Tracking codes in what agents read lead to their tickets."""

from __future__ import annotations

import re

from django.urls import reverse
from markupsafe import Markup, escape

# As it is written down: with both dashes, and no sign of a longer word beside it.
_CODE = re.compile(r"(?<![\w/.-])#?([0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2})(?![\w-])")
_TAG = re.compile(r"(<[^>]*>)")


def linked(text: str | Markup, own: str = "") -> Markup:
    """The same with its codes as links, except the ticket's own; what is a link already stays one."""
    html = str(escape(text))
    if not _CODE.search(html):
        return Markup(html)  # noqa: S704 - escaped above, or by whoever made it
    pieces, within = [], 0
    for piece in _TAG.split(html):
        if piece.startswith("<"):
            within += piece.startswith("<a ") - (piece == "</a>")
            pieces.append(piece)
        else:
            pieces.append(piece if within else _CODE.sub(lambda found: _link(found, own), piece))
    return Markup("".join(pieces))  # noqa: S704 - a link is made of a code, everything else is as it was


def _link(found: re.Match[str], own: str) -> str:
    if found[1] == own:
        return found[0]
    return f'<a href="{reverse("desk:ticket", args=["tickets", found[1]])}" dir="ltr">{found[0]}</a>'

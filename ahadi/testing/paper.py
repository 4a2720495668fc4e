"""What stands on a PDF, for tests."""

from __future__ import annotations

import pypdfium2  # type: ignore[import-untyped]


def read(content: bytes) -> str:
    """Its words in the order of the file, as a search in a reader finds them."""
    pages = pypdfium2.PdfDocument(content)
    return " ".join("\n".join(page.get_textpage().get_text_range() for page in pages).split())


def see(content: bytes) -> str:
    """Its signs as an eye meets them, line by line and always from left to right."""
    signs = []
    for number, page in enumerate(pypdfium2.PdfDocument(content)):
        text = page.get_textpage()
        for place in range(text.count_chars()):
            left, bottom, _right, _top = text.get_charbox(place, loose=True)
            signs.append((number, -round(bottom), left, text.get_text_range(place, 1)))
    return "".join(sign for _page, _line, _left, sign in sorted(signs) if sign.isprintable())

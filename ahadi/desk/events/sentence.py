"""An event as it is read, and the words that many of them need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from ahadi.ui import filters

Data = Mapping[str, Any]


class Sentence(NamedTuple):
    """An event as it is read; kind is "", ok or bad."""

    text: str
    kind: str = ""
    icon: str = "info"


Write = Callable[[Data, str], Sentence]


def moment(text: Any) -> str:
    """A moment of the data for the reader; what is none stays as it is."""
    try:
        return filters.short_due(datetime.fromisoformat(str(text)))
    except ValueError:
        return str(text)


def name(who: str) -> str:
    """Who did it; where nobody did, the product."""
    return who or "Ahadi"


def ltr(text: Any) -> str:
    """A code, a number or an address inside a sentence of any direction."""
    return f"\u2066{text or ''}\u2069"


def plain(text: Any) -> str:
    """Somebody's words inside a sentence, in their own direction."""
    return f"\u2068{text or ''}\u2069"

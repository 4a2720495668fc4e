"""The language of the search: words, "exact words", operator:value, and a minus for what must not be."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import NamedTuple

from ahadi.lib.folding import fold

LONGEST = 400
MOST = 30
_QUOTES = str.maketrans("“”„«»״", '""""""')
_TERM = re.compile(r'(-?)(?:([A-Za-z]+):)?(?:"([^"]*)"?|([^\s"]+))')


class Term(NamedTuple):
    """One part of what was asked; without an operator it is a word or a phrase."""

    operator: str
    value: str
    is_not: bool
    is_exact: bool


def read(text: str, operators: Container[str]) -> list[Term]:
    """The parts of what was typed; an operator that nobody knows is a word like any other."""
    found = []
    for match in _TERM.finditer(text[:LONGEST].translate(_QUOTES)):
        minus, name, exact, plain = match.groups()
        value = plain if exact is None else exact
        operator = (name or "").lower()
        if name and operator not in operators:
            operator, value = "", f"{name}:{value}"
        if value.strip():
            found.append(Term(operator, value.strip(), bool(minus), exact is not None))
    return found[:MOST]


def plain(value: str) -> str:
    """A value as it is compared: in small letters, with our digits."""
    return fold(value).strip()

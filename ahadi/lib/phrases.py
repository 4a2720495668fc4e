"""What somebody looks for: words that stand together, in folded text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from ahadi.lib.folding import fold

_WORD = re.compile(r"[^\W_]+")
# What folding takes away inside a word: marks, ZWNJ, tatweel. It does not end the word.
_INSIDE = (
    "\u00ad\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f"
    "\u0670\u06d6-\u06ed\u200b-\u200f"
)
_ORIGINAL = re.compile(rf"[^\W_][\w{_INSIDE}]*")
# Beginnings of one or two letters stand in every second entry: they find nothing and cost the most.
_SHORTEST = 3


class Phrase(NamedTuple):
    """Words in a row; the last one may be the beginning of a longer one."""

    words: tuple[str, ...]
    is_begun: bool

    @classmethod
    def of(cls, text: str, is_exact: bool = False) -> Phrase | None:
        """What a reader typed, folded; None where it holds no word."""
        words = tuple(words_of(fold(text)))[:12]
        return cls(words, not is_exact and len(words[-1]) >= _SHORTEST) if words else None


def words_of(folded: str) -> list[str]:
    """The words of folded text, as the indexes of both databases part it."""
    return _WORD.findall(folded)


def fts5(phrases: Iterable[Phrase]) -> str:
    """All of these in the words of SQLite's index."""
    return " ".join(f'"{" ".join(words)}"{"*" if is_begun else ""}' for words, is_begun in phrases)


def tsquery(phrases: Iterable[Phrase]) -> str:
    """All of these in the words of PostgreSQL's index."""
    return " & ".join(
        "(" + " <-> ".join([*words[:-1], words[-1] + (":*" if is_begun else "")]) + ")"
        for words, is_begun in phrases
    )


def has(folded: str | None, asked: str) -> bool:
    """Whether folded text holds all that `fts5` wrote down: what its index would find, without the index."""
    return folded is not None and all(pattern.search(folded) for pattern in _patterns(asked))


def marked(text: str, phrases: Iterable[Phrase]) -> list[tuple[int, int]]:
    """Where in a text as it was written the sought words stand, however they are spelled there."""
    sought = [(word, is_begun and place == len(words) - 1) for words, is_begun in phrases
              for place, word in enumerate(words)]  # fmt: skip
    found = []
    for match in _ORIGINAL.finditer(text):
        folded = fold(match[0])
        if any(folded.startswith(word) if is_begun else folded == word for word, is_begun in sought):
            found.append(match.span())
    return found


@lru_cache(maxsize=256)
def _patterns(asked: str) -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(
            r"(?<![^\W_])"
            + r"[\W_]+".join(re.escape(word) for word in words.split())
            + ("" if begun else r"(?![^\W_])")
        )
        for words, begun in re.findall(r'"([^"]+)"(\*?)', asked)
    )

"""One form for all spellings of a word in five languages, for searching and comparing."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import cache

_LETTERS = {
    "ي": "ی",
    "ى": "ی",
    "ې": "ی",
    "ے": "ی",
    "ك": "ک",
    "ڪ": "ک",
    "ة": "ه",
    "ۃ": "ه",
    "ە": "ه",
    "ہ": "ه",
    "ھ": "ه",
    "ٱ": "ا",
    "ı": "i",
    "ł": "l",
    "Ł": "l",
    "đ": "d",
    "Đ": "d",
    "ø": "o",
    "Ø": "o",
    "æ": "ae",
    "Æ": "ae",
    "œ": "oe",
    "Œ": "oe",
    "\u05be": "-",
    "\u05f3": "'",
    "\u05f4": '"',
    "‘": "'",
    "’": "'",
    "ʼ": "'",
    "“": '"',
    "”": '"',
    "„": '"',
    "‐": "-",
    "‑": "-",
    "–": "-",
    "—": "-",
    "\u2028": "\n",
    "\u2029": "\n",
}
# Invisible: ZWNJ and ZWJ, direction marks, soft hyphen, tatweel, word joiner, byte order mark.
_INVISIBLE = [
    0xAD,
    0x61C,
    0x640,
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
]
# Marks: Latin accents, Hebrew cantillation and niqqud, Arabic vowel signs. Other scripts need theirs.
_MARKS = [
    *range(0x300, 0x370),
    *(mark for mark in range(0x591, 0x5C8) if unicodedata.category(chr(mark)) == "Mn"),
    *range(0x610, 0x61B),
    *range(0x64B, 0x660),
    0x670,
    *range(0x6D6, 0x6DD),
    *range(0x6DF, 0x6E5),
    0x6E7,
    0x6E8,
    *range(0x6EA, 0x6EE),
]
_DIGITS = {start + digit: str(digit) for start in (0x660, 0x6F0) for digit in range(10)}

_TABLE: dict[int, str | None] = {
    **{ord(letter): plain for letter, plain in _LETTERS.items()},
    **dict.fromkeys([*_INVISIBLE, *_MARKS]),
    **_DIGITS,
}


def fold(text: str) -> str:
    """The form that is searched and compared, without case, accents and vowel signs; stable when repeated."""
    if text.isascii():
        return text.lower()
    # Compatibility forms (full width, Arabic presentation forms, ligatures) come apart, so that the
    # marks can be taken off; what is left is composed again, for Hangul and the scripts of India.
    apart = unicodedata.normalize("NFKD", text).translate(_TABLE)
    return unicodedata.normalize("NFKC", apart.casefold())


def spellings(text: str) -> str:
    """A pattern that finds a text however it is spelt, for databases that know nothing of folding."""
    others, between = _others(), "[" + "".join(map(chr, _MARKS)) + "\u0640\u200c\u200d]*"
    letters = (f"[{re.escape(letter + others[letter])}]" for letter in fold(text))
    return between.join("\\s" if letter == "[\\ ]" else letter for letter in letters)


@cache
def _others() -> dict[str, str]:
    """For each folded letter what else is folded to it, in the scripts of our languages."""
    found: dict[str, str] = defaultdict(str)
    for code in (*range(0x41, 0x250), *range(0x5D0, 0x700), *range(0x1E00, 0x1F00)):
        plain = fold(chr(code))
        if len(plain) == 1 and plain != chr(code):
            found[plain] += chr(code)
    return found

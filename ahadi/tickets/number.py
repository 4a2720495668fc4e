"""The tracking code: 60 random bits that can be read aloud on the phone."""

from __future__ import annotations

import re
import secrets
import unicodedata

# Crockford base32: no I, L, O, U, so that nothing is confused when it is read aloud.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
_HEARD_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_CODE = re.compile(r"(?<!\w)\w{4}[-\u2010-\u2015. ]\w{4}[-\u2010-\u2015. ]\w{4}(?!\w)")
_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")


def new_number() -> str:
    """A fresh tracking code such as K7QF-9T2M-XR4D."""
    return _group("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def read_number(text: str) -> str | None:
    """The code as it is stored, however it was typed; None when it cannot be one."""
    signs = read_signs(text)
    return _group(signs) if len(signs) == LENGTH else None


def find_number(text: str) -> str | None:
    """The code in what was typed or pasted: alone, in an address of a page, or between words."""
    found = read_number(text)
    if found is None and (inside := _CODE.search(text)):
        found = read_number(inside[0])
    return found


def read_signs(text: str) -> str:
    """The signs of a code as they are stored, however they were typed; empty when some cannot be."""
    characters = unicodedata.normalize("NFKC", text).translate(_DIGITS).upper().translate(_HEARD_AS)
    kept = "".join(character for character in characters if character.isalnum())
    return kept if all(character in ALPHABET for character in kept) else ""


def _group(characters: str) -> str:
    return "-".join(characters[start : start + 4] for start in range(0, LENGTH, 4))

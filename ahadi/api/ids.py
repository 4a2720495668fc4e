"""Identifiers as programs see them: opaque, with their kind in front."""

from __future__ import annotations

from typing import Literal

Kind = Literal["agent", "customer", "team", "inbox", "raw", "attachment", "saved_reply"]

_LARGEST = 2**63 - 1


def show(kind: Kind, key: int) -> str:
    """The identifier of a row."""
    return f"{kind}_{key}"


def read(kind: Kind, text: str) -> int | None:
    """The key behind an identifier; None when it is of another kind or no identifier."""
    digits = text.removeprefix(f"{kind}_")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 19:
        return None
    key = int(digits)
    return key if key <= _LARGEST else None

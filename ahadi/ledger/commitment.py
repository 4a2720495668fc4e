"""What a leaf commits to: a salted hash of one event; erasing the salt erases the link (rule T-20)."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Mapping
from hashlib import sha256

Scalar = str | int | bool | None
Event = Mapping[str, "Scalar | list[str]"]

HEADER = b"case-event/v1\n"

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(event: Event) -> bytes:
    """RFC 8785 form of an event of strings, integers, booleans, nulls and lists of strings."""
    return _ENCODER.encode(event).encode()


def new_salt() -> bytes:
    """32 random bytes, one for each entry."""
    return secrets.token_bytes(32)


def leaf_data(salt: bytes, event: bytes) -> bytes:
    """The bytes of a leaf: the header and the base64 of HMAC-SHA256(salt, event)."""
    return HEADER + base64.b64encode(hmac.digest(salt, event, "sha256")) + b"\n"


def digest(content: bytes) -> str:
    """Hexadecimal SHA-256, as events name texts and files."""
    return sha256(content).hexdigest()

"""Secrets at rest: sealed with a key that is not in the database, each bound to the place it belongs to."""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

# Written in front, so that another way of sealing can follow without guessing.
FORM = "v1."
# Ninety-six bits, as NIST SP 800-38D advises; random, because no counter survives a restored backup.
NONCE = 12


class Unsealable(Exception):
    """It was sealed with another key, for another place, or changed since."""


def seal(secret: str, place: str) -> str:
    """Encrypt a secret for one place, such as "server:7:password"; an empty one stays empty."""
    if not secret:
        return ""
    nonce = os.urandom(NONCE)
    sealed = AESGCM(_key(settings.SECRET_KEY)).encrypt(nonce, secret.encode(), place.encode())
    return FORM + urlsafe_b64encode(nonce + sealed).decode()


def unseal(sealed: str, place: str) -> str:
    """What was sealed for this place; raises Unsealable, and says nothing of what it saw."""
    if not sealed:
        return ""
    try:
        whole = urlsafe_b64decode(sealed.removeprefix(FORM))
        opened = AESGCM(_key(settings.SECRET_KEY)).decrypt(whole[:NONCE], whole[NONCE:], place.encode())
    except (InvalidTag, NotBase64, ValueError):
        raise Unsealable("A stored secret cannot be read with this AHADI_SECRET_KEY.") from None
    return opened.decode()


@cache
def _key(secret_key: str) -> bytes:
    # A key of its own: what signs cookies and links never encrypts.
    return HKDF(SHA256(), length=32, salt=None, info=b"ahadi vault 1").derive(secret_key.encode())

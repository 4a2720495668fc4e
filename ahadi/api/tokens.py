"""Making and finding the tokens that programs show."""

from __future__ import annotations

import secrets
import zlib
from datetime import timedelta
from hashlib import sha256

from django.db.models import Q
from django.http import HttpRequest

from ahadi.api.models import Token
from ahadi.lib import clock
from ahadi.people.models import Agent

SCOPES = (
    "tickets:read",
    "tickets:write",
    "messages:send",
    "customers:read",
    "ledger:read",
    "admin:read",
    "admin:write",
)
# A fixed beginning and a checksum let scanners find a token that slipped into a repository.
BEGINNING = "ahadi_pat_"
LIFETIME = timedelta(days=90)


def issue(agent: Agent, scopes: list[str], name: str = "", lifetime: timedelta | None = LIFETIME) -> str:
    """Make a token for an agent and return it; it is shown once and stored hashed."""
    secret = secrets.token_urlsafe(32)
    text = f"{BEGINNING}{secret}{_checksum(secret)}"
    expires = clock.now() + lifetime if lifetime else None
    Token.objects.create(agent=agent, name=name, hash=_hash(text), scopes=scopes, expires=expires)
    return text


def find(text: str) -> Token | None:
    """The unexpired token of an active agent behind its text."""
    if not text.startswith(BEGINNING) or _checksum(text[len(BEGINNING) : -8]) != text[-8:]:
        return None
    return (
        Token.objects.select_related("agent")
        .filter(Q(expires=None) | Q(expires__gt=clock.now()), hash=_hash(text), agent__is_active=True)
        .first()
    )


def shown(request: HttpRequest) -> Token | None:
    """The token that a request carries as its bearer."""
    kind, _space, text = request.headers.get("Authorization", "").partition(" ")
    return find(text.strip()) if kind.lower() == "bearer" else None


def _checksum(secret: str) -> str:
    return f"{zlib.crc32(secret.encode()):08x}"


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()

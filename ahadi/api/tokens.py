"""Making and finding the tokens that programs show."""

from __future__ import annotations

import secrets
import zlib
from datetime import timedelta
from hashlib import sha256

from django.http import HttpRequest

from ahadi.api.models import Token
from ahadi.lib import clock
from ahadi.lib.question import Question
from ahadi.people.models import Agent

SCOPES = (
    "tickets:read",
    "tickets:write",
    "messages:send",
    "customers:read",
    "ledger:read",
    "admin:read",
    "admin:*",
)
# A fixed beginning and a checksum let scanners find a token that slipped into a repository.
BEGINNING = "ahadi_pat_"
LIFETIME = timedelta(days=90)
_LIVING = Question(
    lambda hashed: Token.objects.select_related("agent").filter(hash=hashed, agent__is_active=True)
)
# How exact "last used" is; a write for every request would cost more than it tells.
_USED_WITHIN = timedelta(minutes=1)


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
    found: list[Token] = _LIVING.objects(_hash(text))
    return next((token for token in found if token.expires is None or token.expires > clock.now()), None)


def shown(request: HttpRequest) -> Token | None:
    """The token that a request carries as its bearer."""
    kind, _space, text = request.headers.get("Authorization", "").partition(" ")
    return find(text.strip()) if kind.lower() == "bearer" else None


def may(token: Token, *scopes: str) -> bool:
    """Whether one of these scopes is given, by itself or by a wider one."""
    given = set(token.scopes)
    if token.agent.is_admin and "admin:*" in given:
        return True
    # Whoever may read every entry and every raw message may read the same ticket by ticket.
    reads = (
        token.agent.is_admin and "admin:read" in given and any(scope.endswith(":read") for scope in scopes)
    )
    is_administrative = any(scope.startswith("admin:") for scope in scopes)
    return reads or (not is_administrative and bool(given.intersection(scopes)))


def touch(token: Token) -> None:
    """Remember that a token was used, to the minute."""
    now = clock.now()
    if token.last_used is None or now - token.last_used > _USED_WITHIN:
        token.last_used = now
        token.save(update_fields=["last_used"])


def _checksum(secret: str) -> str:
    return f"{zlib.crc32(secret.encode()):08x}"


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()

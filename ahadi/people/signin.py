"""One-time links that let an agent in: the first administrator, an invitation, a forgotten password."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.urls import reverse

from ahadi.lib import clock
from ahadi.people.models import Agent, SignInLink

LIFETIME = timedelta(hours=24)


def invite(agent: Agent, lifetime: timedelta = LIFETIME) -> str:
    """A link that signs this agent in once within a day; it is shown once and stored hashed."""
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(agent=agent, token_hash=_hash(token), expires=clock.now() + lifetime)
    return f"{settings.AHADI_URL}{reverse('people:sign_in', args=[token])}"


def find(token: str) -> SignInLink | None:
    """The unused, unexpired link of an active agent behind a token."""
    return (
        SignInLink.objects.select_related("agent")
        .filter(token_hash=_hash(token), used=None, expires__gt=clock.now(), agent__is_active=True)
        .first()
    )


def redeem(token: str) -> Agent | None:
    """Use a link up and return its agent; None when it is unknown, used or too old."""
    link = find(token)
    if link is None:
        return None
    taken = SignInLink.objects.filter(pk=link.pk, used=None).update(used=clock.now())
    return link.agent if taken else None


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()

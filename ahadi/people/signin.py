"""One-time links that let an agent in: the first administrator, an invitation, a forgotten password."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from ahadi.lib import clock
from ahadi.people.models import Agent, Company, Session, SignInLink

LIFETIME = timedelta(hours=24)
BY_MAIL = timedelta(hours=72)


def invite(agent: Agent, lifetime: timedelta = LIFETIME) -> str:
    """A link that signs this agent in once within a day; it is shown once and stored hashed."""
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(agent=agent, token_hash=_hash(token), expires=clock.now() + lifetime)
    return f"{settings.AHADI_URL}{reverse('people:sign_in', args=[token])}"


def send(agent: Agent) -> None:
    """Mail somebody a link that signs them in once within three days, in their language."""
    link = invite(agent, BY_MAIL)
    with translation.override(agent.language):
        company = Company.current()
        subject = _("%(company)s: your place at the desk") % {"company": company.name}
        said = _(
            "Hello %(name)s,\n\nyou answer customers of %(company)s now. This link signs you in once, within "
            "three days:\n\n%(link)s\n\nAfterwards choose a password or a passkey in your profile. Did you "
            "not expect this mail? Then ignore it; nothing happens."
        )
        words = {"name": agent.first_name, "company": company.name, "link": link}
        send_mail(subject, said % words, None, [agent.email])


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


def end_sessions(agent: Agent) -> None:
    """Sign somebody out wherever they are, however they came in."""
    UserSession.objects.filter(user=agent).delete()
    Session.objects.filter(agent=agent).delete()

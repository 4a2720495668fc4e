"""Signing in with one's account at the company (OpenID Connect): for agents alone, by a proven address."""

from __future__ import annotations

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from ahadi.lib import vault
from ahadi.people.entrance import Entrance
from ahadi.people.models import Agent

PROVIDER, COMPANY = "openid_connect", "company"


class CompanyAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Lets those in who are agents already, by an address that the company vouches for."""

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[SocialApp]:
        entrance = Entrance.current()
        asked = provider in (None, PROVIDER, COMPANY) and client_id in (None, entrance.client_id)
        if not (entrance.has_provider and asked):
            return []
        try:
            secret = entrance.read_secret()
        except vault.Unsealable:
            return []
        app = SocialApp(
            provider=PROVIDER,
            provider_id=COMPANY,
            name=entrance.name or _("Company account"),
            client_id=entrance.client_id,
            secret=secret,
            settings={"server_url": entrance.issuer, "oauth_pkce_enabled": True},
        )
        return [app]

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Agent:
        """Nobody is made from what the provider says."""
        nobody: Agent = sociallogin.user
        return nobody

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Join the account to the agent with its proven address, once; refuse everybody else."""
        if sociallogin.is_existing:
            return
        agent = _find(sociallogin)
        if agent is None:
            said = _("Your company account is not an agent here. Ask an administrator to invite you.")
            messages.error(request, said)
            raise ImmediateHttpResponse(redirect("account_login"))
        sociallogin.connect(request, agent)


def _find(sociallogin: SocialLogin) -> Agent | None:
    proven = [address.email for address in sociallogin.email_addresses if address.verified]
    found = Agent.objects.filter(is_active=True, email__iexact=proven[0]) if proven else Agent.objects.none()
    return found.first()

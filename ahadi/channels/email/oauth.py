"""Signing in at Google and Microsoft: code with PKCE, refresh tokens, and the form mail servers read."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from oauthlib.oauth2 import OAuth2Error, WebApplicationClient  # type: ignore[import-untyped]

from ahadi.channels.email.trouble import Trouble, named
from ahadi.channels.models import Grant, Inbox, MailServer, OAuthClient
from ahadi.lib import clock

TIMEOUT = 20
# A token that ends while it is being used is none.
MARGIN = timedelta(minutes=2)


@dataclass(frozen=True)
class Provider:
    """Where to ask, and for what."""

    code: str
    name: str | Promise
    authorize: str
    token: str
    scopes: tuple[str, ...]
    extra: tuple[tuple[str, str], ...] = ()


PROVIDERS = {
    "google": Provider(
        "google",
        _("Google"),
        "https://accounts.google.com/o/oauth2/v2/auth",
        "https://oauth2.googleapis.com/token",
        ("https://mail.google.com/",),
        # Without both no refresh token comes the second time.
        (("access_type", "offline"), ("prompt", "consent")),
    ),
    "microsoft": Provider(
        "microsoft",
        _("Microsoft"),
        "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
        "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
        (
            "https://outlook.office.com/IMAP.AccessAsUser.All",
            "https://outlook.office.com/SMTP.Send",
            "offline_access",
        ),
        (("prompt", "select_account"),),
    ),
}


@dataclass(frozen=True)
class Question:
    """One sign-in that was begun: where the browser goes, and what must come back with the answer."""

    url: str
    state: str
    verifier: str


def ask(client: OAuthClient, inbox: Inbox, redirect_uri: str) -> Question:
    """Begin a sign-in for the mailbox of an inbox."""
    provider, asking = PROVIDERS[client.provider], WebApplicationClient(client.client_id)
    state, verifier = secrets.token_urlsafe(32), asking.create_code_verifier(64)
    url = asking.prepare_request_uri(
        _place(provider.authorize, client),
        redirect_uri=redirect_uri,
        scope=list(provider.scopes),
        state=state,
        code_challenge=asking.create_code_challenge(verifier, "S256"),
        code_challenge_method="S256",
        login_hint=inbox.address,
        **dict(provider.extra),
    )
    return Question(url, state, verifier)


def take(client: OAuthClient, inbox: Inbox, code: str, verifier: str, redirect_uri: str) -> Grant:
    """Turn the code that came back into tokens and keep them; raises Trouble."""
    asking = WebApplicationClient(client.client_id)
    with named():
        body = asking.prepare_request_body(
            code=code, redirect_uri=redirect_uri, code_verifier=verifier, client_secret=client.secret
        )
    tokens = _tokens(client, asking, body)
    with transaction.atomic():
        Grant.objects.filter(inbox=inbox).delete()
        grant = Grant.objects.create(inbox=inbox, provider=client.provider)
        _keep(grant, tokens)
    for server in MailServer.objects.filter(inbox=inbox, sign_in=client.provider):
        server.stir()
    return grant


def access_token(server: MailServer) -> str:
    """A token that is good for the next minutes, asked for anew where the last one has ended."""
    grant = Grant.objects.filter(inbox=server.inbox_id, provider=server.sign_in).first()
    if grant is None:
        raise Trouble("no_token")
    with named():
        if grant.expires > clock.now() + MARGIN and grant.access:
            return grant.access
        return _refreshed(grant)


def xoauth2(user: str, token: str) -> str:
    """What a mail server of theirs reads instead of a password."""
    return f"user={user}\x01auth=Bearer {token}\x01\x01"


def _refreshed(grant: Grant) -> str:
    client = OAuthClient.objects.filter(provider=grant.provider).first()
    if client is None:
        raise Trouble("oauth_client")
    if not grant.refresh:
        raise Trouble("token_expired")
    asking = WebApplicationClient(client.client_id)
    body = asking.prepare_refresh_body(
        refresh_token=grant.refresh, client_id=client.client_id, client_secret=client.secret
    )
    _keep(grant, _tokens(client, asking, body))
    return grant.access


def _tokens(client: OAuthClient, asking: WebApplicationClient, body: str) -> dict[str, Any]:
    place = _place(PROVIDERS[client.provider].token, client)
    with named():
        answer = requests.post(
            place,
            data=body.encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            timeout=TIMEOUT,
            # A redirect would carry the client secret to somebody else.
            allow_redirects=False,
        )
    if answer.status_code >= 500:
        raise Trouble("provider", f"{answer.status_code}")
    try:
        tokens: dict[str, Any] = asking.parse_request_body_response(answer.text)
    except OAuth2Error as error:
        raise Trouble(_code(error), f"{error.error or ''} {error.description or ''}".strip()[:300]) from None
    except (ValueError, Warning):
        raise Trouble("provider", f"{answer.status_code}") from None
    return tokens


def _keep(grant: Grant, tokens: dict[str, Any]) -> None:
    lasts = timedelta(seconds=int(tokens.get("expires_in") or 3600))
    grant.keep(str(tokens["access_token"]), str(tokens.get("refresh_token") or ""), clock.now() + lasts)


def _code(error: OAuth2Error) -> str:
    if error.error in ("invalid_client", "unauthorized_client"):
        return "oauth_client"
    return "token_expired" if error.error in ("invalid_grant", "interaction_required") else "provider"


def _place(url: str, client: OAuthClient) -> str:
    return url.replace("{tenant}", client.tenant or "common")

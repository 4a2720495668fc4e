"""Signing in at Google and Microsoft, against a token endpoint of our own."""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from ahadi.channels.email import oauth, servers
from ahadi.channels.email.trouble import Trouble
from ahadi.channels.models import Grant, MailServer, OAuthClient
from ahadi.lib import clock
from ahadi.testing import make, wires

pytestmark = pytest.mark.django_db

BACK = "https://help.marlo.example/desk/settings/inboxes/consent/"


class Endpoint:
    """The token endpoint of a provider: what it was asked, and what it says."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.says: tuple[int, dict] = (200, {"access_token": "first", "token_type": "Bearer"})
        endpoint = self

        def answer(request: BaseHTTPRequestHandler) -> None:
            body = request.rfile.read(int(request.headers["Content-Length"])).decode()
            endpoint.asked.append({name: values[0] for name, values in parse_qs(body).items()})
            status, words = endpoint.says
            request.send_response(status)
            if status == 302:
                request.send_header("Location", "http://127.0.0.1:1/")
            request.end_headers()
            request.wfile.write(json.dumps(words).encode())

        quiet = {"do_POST": answer, "log_message": lambda *_words: None}
        handler = type("Handler", (BaseHTTPRequestHandler,), quiet)
        self._server = HTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/token"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()


@pytest.fixture(params=["google", "microsoft"])
def endpoint(request, monkeypatch):
    made = Endpoint()
    known = oauth.PROVIDERS[request.param]
    provider = oauth.Provider(known.code, known.name, known.authorize, made.url, known.scopes, known.extra)
    monkeypatch.setitem(oauth.PROVIDERS, request.param, provider)
    made.code = request.param
    return made


@pytest.fixture
def client(endpoint):
    made = OAuthClient.objects.create(provider=endpoint.code, client_id="ahadi-at-marlo")
    made.keep_secret("client-secret")
    return made


def server(endpoint, port: int = 993) -> MailServer:
    return MailServer.objects.create(
        inbox=make.inbox(),
        way="in",
        host="127.0.0.1",
        port=port,
        security="none",
        user="help@marlo.example",
        sign_in=endpoint.code,
    )


def tokens(**more: object) -> tuple[int, dict]:
    return 200, {"access_token": "first", "token_type": "Bearer", "expires_in": 3600, **more}


def test_the_question_holds_a_state_and_a_challenge(client):
    asked = oauth.ask(client, make.inbox(), BACK)

    given = {name: values[0] for name, values in parse_qs(urlsplit(asked.url).query).items()}
    digest = urlsafe_b64encode(sha256(asked.verifier.encode()).digest()).decode().rstrip("=")
    assert (given["code_challenge"], given["code_challenge_method"]) == (digest, "S256")
    assert given["state"] == asked.state
    assert given["redirect_uri"] == BACK
    assert given["login_hint"] == "help@marlo.example"
    assert len(asked.state) >= 32
    assert asked.url.startswith("https://")
    assert "client-secret" not in asked.url
    assert oauth.ask(client, make.inbox(), BACK).state != asked.state


def test_a_code_becomes_tokens_that_are_kept_sealed(endpoint, client):
    row = server(endpoint)
    before = row.changed
    endpoint.says = tokens(refresh_token="again")

    oauth.take(client, row.inbox, "the-code", "the-verifier", BACK)

    grant = Grant.objects.get()
    asked = endpoint.asked[0]
    assert (asked["grant_type"], asked["code"]) == ("authorization_code", "the-code")
    assert asked["code_verifier"] == "the-verifier"
    assert asked["client_secret"] == "client-secret"
    assert (grant.access, grant.refresh) == ("first", "again")
    assert "first" not in grant.sealed_access
    assert "again" not in grant.sealed_refresh
    row.refresh_from_db()
    assert row.changed > before


def test_a_token_is_used_until_it_ends_and_then_asked_for_anew(endpoint, client):
    row = server(endpoint)
    endpoint.says = tokens(refresh_token="again")
    oauth.take(client, row.inbox, "the-code", "the-verifier", BACK)
    endpoint.says = tokens(access_token="second")

    assert oauth.access_token(row) == "first"
    with clock.at(clock.now() + timedelta(minutes=59)):
        assert oauth.access_token(row) == "second"
        assert oauth.access_token(row) == "second"

    asked = endpoint.asked[-1]
    assert len(endpoint.asked) == 2
    assert (asked["grant_type"], asked["refresh_token"]) == ("refresh_token", "again")
    # No new refresh token came, so the old one stays good, also after a restart.
    assert Grant.objects.get().refresh == "again"


def test_a_new_refresh_token_replaces_the_old_one(endpoint, client):
    row = server(endpoint)
    endpoint.says = tokens(refresh_token="again")
    oauth.take(client, row.inbox, "the-code", "the-verifier", BACK)
    endpoint.says = tokens(access_token="second", refresh_token="and again")

    with clock.at(clock.now() + timedelta(hours=2)):
        oauth.access_token(row)

    assert Grant.objects.get().refresh == "and again"


@pytest.mark.parametrize(
    ("says", "code"),
    [
        ((400, {"error": "invalid_grant", "error_description": "Token expired."}), "token_expired"),
        ((401, {"error": "invalid_client"}), "oauth_client"),
        ((400, {"error": "temporarily_unavailable"}), "provider"),
        ((503, {}), "provider"),
        ((200, {}), "provider"),
        ((302, {}), "provider"),
    ],
)  # fmt: skip
def test_each_refusal_has_its_own_sentence(endpoint, client, says, code):
    row = server(endpoint)
    grant = Grant.objects.create(inbox=row.inbox, provider=endpoint.code)
    grant.keep("old", "again", clock.now())
    endpoint.says = says

    with pytest.raises(Trouble) as caught:
        oauth.access_token(row)

    assert caught.value.code == code
    assert "client-secret" not in caught.value.said


def test_an_endpoint_that_is_away_is_no_expired_token(endpoint, client, monkeypatch):
    row = server(endpoint)
    grant = Grant.objects.create(inbox=row.inbox, provider=endpoint.code)
    grant.keep("old", "again", clock.now())
    known = oauth.PROVIDERS[endpoint.code]
    gone = oauth.Provider(known.code, known.name, known.authorize, "http://127.0.0.1:1/", known.scopes)
    monkeypatch.setitem(oauth.PROVIDERS, endpoint.code, gone)

    with pytest.raises(Trouble) as caught:
        oauth.access_token(row)

    assert caught.value.code == "provider"


def test_without_permission_there_is_no_token(endpoint, client):
    with pytest.raises(Trouble) as caught:
        oauth.access_token(server(endpoint))

    assert caught.value.code == "no_token"


def test_mail_servers_read_the_token(endpoint, client):
    script = wires.imap()
    row = server(endpoint, script.port)
    Grant.objects.create(inbox=row.inbox, provider=endpoint.code).keep(
        "a-token", "", clock.now() + timedelta(hours=1)
    )

    servers.close(servers.open_imap(row))

    assert any("AUTHENTICATE XOAUTH2" in heard for heard in script.heard)


def test_the_tenant_stands_in_the_addresses_of_microsoft():
    client = OAuthClient(provider="microsoft", client_id="x", tenant="marlo.example")

    asked = oauth.ask(client, make.inbox(), BACK)

    assert asked.url.startswith("https://login.microsoftonline.com/marlo.example/oauth2/")

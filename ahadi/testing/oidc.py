"""A provider of company accounts on this machine, which speaks just enough OpenID Connect."""

from __future__ import annotations

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode
from wsgiref.simple_server import WSGIRequestHandler, make_server

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "ahadi-desk", "only-for-tests"


class Provider:
    """What it knows: one person, and the codes it gave out."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.person: dict[str, Any] = {"sub": "42", "email": "mara@marlo.example", "email_verified": True}
        self.audience = CLIENT
        self.asked: dict[str, dict[str, str]] = {}
        self.issuer = ""

    def authorize(self, query: dict[str, str]) -> str:
        """Where a browser is sent back to after its person has said yes."""
        code = f"code-{len(self.asked)}"
        self.asked[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, given: dict[str, str]) -> dict[str, Any] | None:
        """Tokens for a code, once, for the program that can prove it asked (PKCE)."""
        query = self.asked.pop(given.get("code", ""), None)
        if query is None or given.get("client_secret") != SECRET:
            return None
        shown = urlsafe_b64encode(sha256(given.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        if shown.decode() != query.get("code_challenge"):
            return None
        now = int(time.time())
        claims = {**self.person, "iss": self.issuer, "aud": self.audience, "iat": now, "exp": now + 60}
        signed = jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "1"})
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": signed}

    def describe(self) -> dict[str, Any]:
        """Where everything is."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }


class Quiet(WSGIRequestHandler):
    """Says nothing of what was asked."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


def _named(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}


@contextmanager
def running() -> Iterator[Provider]:
    """The provider, for as long as the block lasts."""
    provider = Provider()

    def answer(environment: dict[str, Any], start: Any) -> list[bytes]:
        path = environment["PATH_INFO"]
        if path == "/authorize":
            start("302 Found", [("Location", provider.authorize(_named(environment["QUERY_STRING"])))])
            return [b""]
        if environment["REQUEST_METHOD"] == "POST":
            size = int(environment["CONTENT_LENGTH"])
            content = provider.token(_named(environment["wsgi.input"].read(size).decode()))
        else:
            content = provider.describe() if path.startswith("/.well-known/") else provider.person
        start("200 OK" if content else "400 Bad Request", [("Content-Type", "application/json")])
        return [json.dumps(content or {"error": "invalid_grant"}).encode()]

    server = make_server("127.0.0.1", 0, answer, handler_class=Quiet)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()

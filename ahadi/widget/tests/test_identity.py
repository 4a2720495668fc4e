"""Whom the website names is believed by its signature alone."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ahadi.channels.models import SiteKey, Talk, Visitor
from ahadi.lib import clock
from ahadi.testing import make
from ahadi.testing.panel import Panel
from ahadi.tickets.models import Ticket

pytestmark = pytest.mark.django_db

SECRET = "a secret of thirty-two characters, at least"


@pytest.fixture
def key(site) -> SiteKey:
    key = SiteKey(site=site, algorithm="HS256")
    key.secret = SECRET
    key.save()
    return key


def token(key: SiteKey, secret=SECRET, algorithm="HS256", kid=None, lasts=600, made=0, **claims) -> str:
    now = int(clock.now().timestamp()) + made
    given = {"sub": "u-7", "iat": now, "exp": now + lasts, "aud": key.site.key, "name": "Anna Kern", **claims}
    given = {name: value for name, value in given.items() if value is not None}
    return jwt.encode(given, secret, algorithm=algorithm, headers={"kid": kid or key.kid})


def test_a_signed_token_names_the_visitor_in_every_browser(client, site, key):
    # Given a customer whom the website has named, and who wrote.
    one = Panel(client, site, identity=token(key, email="anna@post.example", email_verified=True))
    assert one.began["visitor"] == {"id": "u-7", "name": "Anna Kern", "is_proven": True}
    one.say("It stops")

    # When the same person comes back in another browser.
    other = Panel(client, site, identity=token(key))

    # Then their talk goes on there, and its answers go to the address that the website has checked.
    ticket = Ticket.objects.get()
    assert other.began["talk"]["code"] == ticket.number
    assert ticket.address.value == "anna@post.example"
    assert ticket.address.proven
    # And somebody whom nobody named sees nothing of it.
    assert Panel(client, site).began["talk"] is None


def test_a_key_of_two_halves_needs_no_secret_here(client, site):
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    key = SiteKey(site=site, algorithm="EdDSA")
    key.secret = public.decode()
    key.save()
    assert Panel(client, site, identity=token(key, private, "EdDSA")).began["visitor"]["is_proven"]
    # The public half as a shared secret opens nothing.
    forged = jwt.api_jws.PyJWS()
    forged._algorithms["HS256"].prepare_key = lambda given: (
        given if isinstance(given, bytes) else given.encode()
    )
    try:
        again = forged.encode(b'{"sub":"u-7"}', public, "HS256", headers={"kid": key.kid})
    finally:
        del forged._algorithms["HS256"].prepare_key
    assert Panel(client, site, identity=again).began["code"] == "identity-algorithm"


def unsigned(key: SiteKey) -> str:
    parts = [b'{"alg":"none","kid":"%s"}' % key.kid.encode(), b'{"sub":"u-7"}']
    return ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


@pytest.mark.parametrize(
    ("make_token", "code"),
    [
        (unsigned, "identity-algorithm"),
        (lambda key: token(key, "another secret of thirty-two characters"), "identity-unsigned"),
        (lambda key: token(key, kid="nobody"), "identity-unknown-key"),
        (lambda key: token(key, algorithm="HS512"), "identity-algorithm"),
        (lambda key: token(key, aud="elsewhere"), "identity-audience"),
        (lambda key: token(key, made=-4000), "identity-expired"),
        (lambda key: token(key, lasts=3601), "identity-too-long"),
        (lambda key: token(key, made=600), "identity-too-early"),
        (lambda key: token(key, sub=None), "identity-incomplete"),
        (lambda key: token(key, exp=None), "identity-incomplete"),
        (lambda key: token(key, exp="soon"), "identity-malformed"),
        (lambda key: "no token at all", "identity-malformed"),
    ],
)
def test_a_token_that_does_not_hold_is_refused_with_its_reason(client, site, key, make_token, code):
    refused = Panel(client, site, identity=make_token(key))
    assert (refused.began["status"], refused.began["code"]) == (401, code)
    assert not Visitor.objects.exists()


def test_a_token_that_names_itself_is_good_once_and_a_revoked_key_never(client, site, key):
    given = token(key, jti="one-time")
    assert Panel(client, site, identity=given).began["visitor"]["is_proven"]
    assert Panel(client, site, identity=given).began["code"] == "identity-replayed"
    fresh = token(key)
    SiteKey.objects.update(revoked=clock.now())
    assert Panel(client, site, identity=fresh).began["code"] == "identity-unknown-key"


def test_the_word_of_the_website_ends(client, site, key, frozen):
    panel = Panel(client, site, identity=token(key))
    panel.say("It stops")
    with clock.at(frozen + timedelta(minutes=11)):
        assert not Visitor.objects.get().is_proven
        # This browser goes on with its own talk; another one finds it by a new token only.
        assert panel.state()["talk"] is not None
        assert Panel(client, site, user_id="u-7").began["talk"] is None


def test_who_names_themselves_later_keeps_the_talk_and_cannot_become_another(client, site, key):
    panel = Panel(client, site)
    panel.say("It stops")
    panel.call("PATCH", "sessions", {"identity": token(key)})
    ticket = Ticket.objects.get()
    assert ticket.requester.name == "Anna Kern"
    assert len(panel.state()["entries"]) == 2
    assert (
        panel.call("PATCH", "sessions", {"identity": token(key, sub="u-8")})["code"]
        == "identity-other-person"
    )
    assert Talk.objects.get().visitor.external_id == "u-7"


def test_what_visitors_say_of_themselves_is_a_claim(client, site):
    # Given a customer known by mail.
    known = make.ticket(by=make.address("anna@post.example"))
    # When somebody says they are that person, and where to reach them.
    panel = Panel(client, site, name="Anna Kern", email="anna@post.example")
    assert not panel.began["visitor"]["is_proven"]
    panel.say("Show me my requests")
    panel.call("POST", "way", {"kind": "email", "value": "anna@post.example"})
    # Then answers go there, and nothing of that person is theirs.
    mine = Ticket.objects.get(channel="chat")
    assert mine.address == known.address
    assert mine.requester != known.requester
    assert panel.call("POST", "open", {"code": known.number})["status"] == 404


def test_the_hash_of_an_older_widget_names_and_is_marked_weaker(client, site):
    key = SiteKey(site=site, algorithm="hmac")
    key.secret = SECRET
    key.save()
    right = hmac.new(SECRET.encode(), b"u-7", sha256).hexdigest()
    panel = Panel(client, site, user_id="u-7", user_hash=right)
    assert panel.began["visitor"]["is_proven"]
    assert Visitor.objects.get().proof == "hmac"
    assert Panel(client, site, user_id="u-8", user_hash=right).began["code"] == "identity-unsigned"
    # Its key is good for hashes only.
    assert Panel(client, site, identity=token(key)).began["code"] == "identity-unknown-key"


def test_a_key_is_sealed_at_rest(key):
    assert SECRET not in key.sealed
    assert SiteKey.objects.get().secret == SECRET

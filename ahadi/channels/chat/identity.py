"""Who a visitor is, as the website's own server says: a signed token (RFC 7519), or a hash of older widgets.

Everything else that is said about a visitor is a claim.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import jwt
from django.db import IntegrityError, transaction

from ahadi.channels.models import Site, SiteKey, UsedToken, Visitor
from ahadi.lib import clock
from ahadi.people import identify
from ahadi.people.models import Address, Customer

Algorithm = SiteKey.Algorithm

# From its making to its end; a longer one would be good for whoever finds it.
LONGEST = timedelta(hours=1)
# Clocks of two servers are never quite the same.
LEEWAY = timedelta(seconds=30)
LARGEST = 4_096


class NotProven(Exception):
    """The website's word does not hold; the code says why, and is told to whoever builds the website."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Claims:
    """What a website says of its visitor."""

    external_id: str
    proof: str
    until: datetime | None = None
    email: str = ""
    is_email_proven: bool = False
    name: str = ""


def read_token(site: Site, token: str) -> Claims:
    """What a signed token says; raises NotProven."""
    if len(token) > LARGEST:
        raise NotProven("identity-too-large")
    key = _key_of(site, token)
    try:
        # One algorithm, the key's own: what the token says of itself decides nothing.
        claims = jwt.decode(
            token,
            key.secret,
            algorithms=[key.algorithm],
            options={
                "require": ["sub", "iat", "exp", "aud"],
                "verify_signature": True,
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
                "verify_aud": False,
            },
        )
    except jwt.MissingRequiredClaimError as error:
        raise NotProven("identity-incomplete") from error
    except jwt.InvalidTokenError as error:
        raise NotProven("identity-unsigned") from error
    until = _check(site, claims)
    _use_up(site, claims, until)
    return Claims(
        external_id=str(claims["sub"])[:120],
        proof=Visitor.Proof.TOKEN,
        until=until,
        email=str(claims.get("email") or "")[:254],
        is_email_proven=claims.get("email_verified") is True,
        name=str(claims.get("name") or "")[:120],
    )


def read_hash(site: Site, user_id: str, user_hash: str) -> Claims:
    """What the hash of an older widget says: who it is, for ever, and nothing about an address."""
    for key in site.keys.filter(algorithm=Algorithm.HMAC, revoked=None):
        right = hmac.new(key.secret.encode(), user_id.encode(), sha256).hexdigest()
        if user_id and hmac.compare_digest(right, user_hash.lower()):
            return Claims(external_id=user_id[:120], proof=Visitor.Proof.HMAC)
    raise NotProven("identity-unsigned")


@transaction.atomic
def prove(visitor: Visitor, claims: Claims) -> Customer:
    """Let a visitor be who the website says; what they wrote before comes along, and there is no way back."""
    if visitor.external_id and visitor.proof and visitor.external_id != claims.external_id:
        # Somebody else at the same browser begins anew.
        raise NotProven("identity-other-person")
    customer = _customer(visitor, claims)
    identify.learn(customer, claims.name or visitor.name, visitor.language)
    visitor.customer = customer
    visitor.external_id, visitor.proof = claims.external_id, claims.proof
    visitor.proven_until = claims.until
    visitor.name = claims.name or visitor.name
    visitor.email = claims.email or visitor.email
    visitor.save()
    return customer


def _key_of(site: Site, token: str) -> SiteKey:
    try:
        head = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError as error:
        raise NotProven("identity-malformed") from error
    kid = head.get("kid")
    key = site.keys.filter(kid=kid, revoked=None).first() if isinstance(kid, str) else None
    if key is None or key.algorithm == Algorithm.HMAC:
        raise NotProven("identity-unknown-key")
    if head.get("alg") != key.algorithm:
        raise NotProven("identity-algorithm")
    return key


def _check(site: Site, claims: dict[str, Any]) -> datetime:
    if claims["aud"] not in (site.key, [site.key]):
        raise NotProven("identity-audience")
    if not claims["sub"] or not isinstance(claims["sub"], str):
        raise NotProven("identity-incomplete")
    now = clock.now()
    made, until = _moment(claims["iat"]), _moment(claims["exp"])
    begins = _moment(claims["nbf"]) if "nbf" in claims else made
    if until <= now - LEEWAY:
        raise NotProven("identity-expired")
    if until - made > LONGEST or until <= made:
        raise NotProven("identity-too-long")
    if max(made, begins) > now + LEEWAY:
        raise NotProven("identity-too-early")
    return until


def _moment(value: Any) -> datetime:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1e11:
        raise NotProven("identity-malformed")
    return datetime.fromtimestamp(value, UTC)


def _use_up(site: Site, claims: dict[str, Any], until: datetime) -> None:
    """A token with a name of its own is good once."""
    name = claims.get("jti")
    if name is None:
        return
    if not isinstance(name, str) or not name:
        raise NotProven("identity-malformed")
    digest = sha256(name.encode()).hexdigest()
    UsedToken.objects.filter(site=site, expires__lt=clock.now() - LONGEST).delete()
    try:
        with transaction.atomic():
            UsedToken.objects.create(site=site, jti_hash=digest, expires=until)
    except IntegrityError as error:
        raise NotProven("identity-replayed") from error


def _customer(visitor: Visitor, claims: Claims) -> Customer:
    """The person of an earlier visit under this id, else of the proven address, else this visitor."""
    named = Visitor.objects.filter(site=visitor.site_id, external_id=claims.external_id).exclude(proof="")
    before = named.exclude(customer=None).exclude(pk=visitor.pk).select_related("customer").first()
    if before is not None and before.customer is not None:
        return before.customer
    address = _address(claims)
    if address is not None:
        return address.customer
    return visitor.customer or Customer.objects.create(
        name=claims.name, language=visitor.language, time_zone=visitor.time_zone
    )


def _address(claims: Claims) -> Address | None:
    if not (claims.email and claims.is_email_proven and claims.proof == Visitor.Proof.TOKEN):
        return None
    try:
        address = identify.find_or_create(Address.Kind.EMAIL, claims.email, claims.name)
    except identify.Unreadable:
        return None
    # The website's server has checked it, and signs that it has.
    address.prove()
    return address

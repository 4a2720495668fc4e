"""DKIM: mails of ours are signed for their domain once everybody can read its key in the DNS."""

from __future__ import annotations

import base64
import logging

import dkim  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from ahadi.channels.models import SigningKey
from ahadi.lib import clock, dns, piece, vault
from ahadi.lib.question import Question

log = logging.getLogger("ahadi.channels.email")

# 2048 bits fit into one record and are what large providers ask for (RFC 8301).
BITS = 2048
# Signed twice as often as they appear, so that nobody adds another (RFC 6376, section 8.15).
SIGNED = [b"from", b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"reply-to", b"in-reply-to"]
SIGNED += [b"references", b"mime-version", b"content-type", b"list-unsubscribe", b"list-unsubscribe-post"]

_KEY = Question(lambda domain: SigningKey.objects.filter(domain=domain, published__isnull=False))


def key_of(domain: str) -> SigningKey:
    """The key of a domain, made when it is asked for first."""
    known = SigningKey.objects.filter(domain=domain.lower()).first()
    return known or _make(domain.lower())


def is_published(key: SigningKey) -> bool:
    """Everybody can read the key; remembered, because only then mails are signed. Raises dns.Silent."""
    texts = ["".join(text.split()) for text in dns.txt(key.place)]
    is_there = any(f"p={key.public}" in text for text in texts)
    key.see(clock.now() if is_there else None)
    return is_there


def signed(raw: bytes, domain: str) -> bytes:
    """The mail with a signature of its domain; as it is where there is no key that others can read."""
    found = piece.once((_KEY, domain.lower()), lambda: _KEY.objects(domain.lower()))
    if not found:
        return raw
    key = found[0]
    try:
        secret = vault.unseal(key.private, _place(key.domain)).encode()
        signature: bytes = dkim.sign(
            raw,
            key.selector.encode(),
            key.domain.encode(),
            secret,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=_present(raw),
        )
    except (vault.Unsealable, dkim.DKIMException, ValueError) as error:
        # Without a signature a mail still arrives at most places; not sent it arrives nowhere.
        log.error("A mail of %s was not signed: %s", domain, type(error).__name__)
        return raw
    return signature + raw


def _present(raw: bytes) -> list[bytes]:
    lines = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    names = {line.partition(b":")[0].strip().lower() for line in lines}
    return [name for name in SIGNED if name in names]


def _make(domain: str) -> SigningKey:
    pair = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    private = pair.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    public = pair.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key, _is_new = SigningKey.objects.get_or_create(
        domain=domain,
        defaults={
            "selector": f"ahadi{clock.now():%Y%m}",
            "private": vault.seal(private.decode(), _place(domain)),
            "public": base64.b64encode(public).decode(),
        },
    )
    return key


def _place(domain: str) -> str:
    return f"channels.signingkey:{domain}"

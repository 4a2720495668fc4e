"""What Amazon's notification service signs (SNS): believed with a certificate from Amazon's own address."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.core.cache import cache
from django.core.exceptions import SuspiciousOperation

from ahadi.lib import clock, fetch

# Whoever can put a file there is Amazon; the connection proves that the machine is (TLS).
_HOST = re.compile(r"sns\.[a-z0-9-]{2,40}\.amazonaws\.com(?:\.cn)?")
_PATH = re.compile(r"/[\w-]{1,200}\.pem", re.ASCII)
# In this order, those that are there ("Verifying the signatures of Amazon SNS messages").
_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_HASHES: dict[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303 - theirs
LIMITS = fetch.Limits(largest=64 * 1024, seconds=5.0)
# Seconds; certificates change about once a year, and each has an address of its own.
KEPT = 86_400


class Forged(SuspiciousOperation):
    """Not signed by Amazon."""


class Unreachable(Exception):
    """The certificate could not be fetched now; Amazon brings the mail again."""


def check(event: dict[str, Any]) -> None:
    """Raise Forged unless Amazon signed this; Unreachable where that cannot be known now."""
    certificate = _certificate(str(event.get("SigningCertURL", "")))
    key, way = certificate.public_key(), _HASHES.get(str(event.get("SignatureVersion")))
    now = clock.now()
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise Forged("The certificate is not valid today.")
    if way is None or not isinstance(key, rsa.RSAPublicKey):
        raise Forged("A kind of signature that is not known.")
    try:
        signature = b64decode(str(event.get("Signature", "")), validate=True)
        key.verify(signature, signed_text(event).encode("utf-8", "replace"), padding.PKCS1v15(), way)
    except (NotBase64, ValueError, InvalidSignature):
        raise Forged("The signature does not fit.") from None


def signed_text(event: dict[str, Any]) -> str:
    """The text that Amazon signs."""
    names = _NOTIFICATION if event.get("Type") == "Notification" else _CONFIRMATION
    return "".join(f"{name}\n{event[name]}\n" for name in names if event.get(name) is not None)


def _certificate(url: str) -> x509.Certificate:
    parts = urlsplit(url)
    is_plain = url == f"https://{parts.hostname}{parts.path}"
    if not is_plain or not _HOST.fullmatch(parts.hostname or "") or not _PATH.fullmatch(parts.path):
        raise Forged("A certificate that is not at Amazon's address.")
    content: bytes | None = cache.get(f"amazon:{url}")
    if content is None:
        content = _fetched(url)
    try:
        found = x509.load_pem_x509_certificate(content)
    except ValueError:
        raise Unreachable("What is at the address of the certificate is none.") from None
    cache.set(f"amazon:{url}", content, KEPT)
    return found


def _fetched(url: str) -> bytes:
    try:
        answer = fetch.get(url, LIMITS)
    except fetch.Refused as error:
        raise Unreachable(str(error)) from error
    # Another address after a redirect would be somebody else's word.
    if answer.status != 200 or answer.address != url:
        raise Unreachable(f"status {answer.status}")
    return answer.content

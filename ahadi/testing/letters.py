"""Mails as other people's servers send them: signed, forged, or neither; and what the DNS says about them."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from typing import Any

import dkim  # type: ignore[import-untyped]
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

SELECTOR = "test"
STRICT = "v=DMARC1; p=reject"


def write(
    text: str = "The grinder stops after two seconds.",
    sender: str = "Arash Rad <arash@post.example>",
    subject: str = "Grinder",
    to: str = "help@marlo.example",
    message_id: str = "<first@post.example>",
    **headers: str,
) -> bytes:
    """A mail of somebody; headers are named with underscores."""
    mail = EmailMessage(policy=SMTP)
    if sender:
        mail["From"] = sender
    mail["To"], mail["Subject"], mail["Message-ID"] = to, subject, message_id
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def whole(mail: EmailMessage) -> str:
    """All that a mail says: headers, texts and attached files, as they are read and not as they are encoded."""
    said = []
    for part in mail.walk():
        said += [str(value) for value in part.values()]
        if not part.is_multipart():
            content = part.get_content()
            said.append(content if isinstance(content, str) else content.decode(errors="replace"))
    return "\n".join(said)


def signed(raw: bytes, domain: str = "post.example", **options: Any) -> bytes:
    """The same with the signature of a domain."""
    private = _key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    signature: bytes = dkim.sign(raw, SELECTOR.encode(), domain.encode(), private, **options)
    return signature + raw


def sealed(raw: bytes, sealer: str, saw: str) -> bytes:
    """The same as a forwarder passes it on: with its seal over what it saw."""
    private = _key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    seen = f"Authentication-Results: {sealer}; {saw}\r\n".encode() + raw
    headers: list[bytes] = dkim.arc_sign(
        seen, SELECTOR.encode(), sealer.encode(), private, sealer.encode(), timestamp=1_700_000_000
    )
    return b"".join(headers) + seen


def zone(*domains: str, policy: str = STRICT, **more: Any) -> dict[str, Any]:
    """What the DNS says of these domains: the key of their signatures and their policy."""
    public = (
        _key()
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    key = {"TXT": [f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"]}
    names: dict[str, Any] = {f"{SELECTOR}._domainkey.{domain}": key for domain in domains}
    if policy:
        names |= {f"_dmarc.{domain}": {"TXT": [policy]} for domain in domains}
    return names | more


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)

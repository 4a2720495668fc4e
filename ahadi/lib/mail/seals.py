"""Whether a mail was signed or encrypted, and how; told, never verified or opened."""

from __future__ import annotations

from email.message import Message

ENCRYPTED, SIGNED = "encrypted", "signed"
_SMIME = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_SMIME_SIGNATURES = ("application/pkcs7-signature", "application/x-pkcs7-signature")


def seal_of(message: Message, parts: list[Message], text: str) -> str:
    """ "encrypted pgp", "encrypted smime", "signed pgp", "signed smime", or an empty string."""
    kind = message.get_content_type()
    kinds = {part.get_content_type() for part in parts}
    smime = next((part for part in [message, *parts] if part.get_content_type() in _SMIME), None)
    if kind == "multipart/encrypted" or "application/pgp-encrypted" in kinds:
        return f"{ENCRYPTED} pgp"
    if smime is not None:
        is_signed = str(_param(smime, "smime-type")).lower() == "signed-data"
        return f"{SIGNED if is_signed else ENCRYPTED} smime"
    start = text.lstrip()[:400]
    if start.startswith("-----BEGIN PGP MESSAGE-----"):
        return f"{ENCRYPTED} pgp"
    if "application/pgp-signature" in kinds or start.startswith("-----BEGIN PGP SIGNED MESSAGE-----"):
        return f"{SIGNED} pgp"
    return f"{SIGNED} smime" if kinds.intersection(_SMIME_SIGNATURES) else ""


def _param(part: Message, name: str) -> object:
    try:
        return part.get_param(name, "")
    except (ValueError, TypeError, IndexError, AttributeError, UnicodeError):
        return ""

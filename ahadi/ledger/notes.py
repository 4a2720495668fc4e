"""Signing: keys, signed notes, checkpoints and receipts as c2sp.org defines them (rules T-02 to T-06)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ahadi.ledger.verify import COSIGNATURE, ED25519, PROOF


class Signer:
    """A name and its secret key of 32 bytes; `algorithm` is Ed25519 or, for witnesses, COSIGNATURE."""

    def __init__(self, name: str, secret: bytes, algorithm: int = ED25519) -> None:
        if not name or "+" in name or any(sign.isspace() for sign in name):
            raise ValueError(f"{name!r} cannot be the name of a ledger.")
        self.name, self.algorithm = name, algorithm
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._public = bytes([algorithm]) + public
        self.id = sha256(name.encode() + b"\n" + self._public).digest()[:4]

    @property
    def vkey(self) -> str:
        """The published verifier key."""
        return f"{self.name}+{self.id.hex()}+{_encode(self._public)}"

    def sign(self, text: str) -> str:
        """The signature line of a text that ends in a line feed."""
        return self._line(self._key.sign(text.encode()))

    def cosign(self, text: str, seconds: int) -> str:
        """A witness's line: that it saw this checkpoint at a moment (tlog-cosignature)."""
        if self.algorithm != COSIGNATURE:
            raise ValueError("Only a witness's key cosigns.")
        signed = f"cosignature/v1\ntime {seconds}\n{text}"
        return self._line(seconds.to_bytes(8, "big") + self._key.sign(signed.encode()))

    def _line(self, signature: bytes) -> str:
        return f"\u2014 {self.name} {_encode(self.id + signature)}\n"


def checkpoint(signer: Signer, size: int, root: bytes) -> str:
    """A signed checkpoint: the only statement about the ledger that anybody has to believe."""
    text = f"{signer.name}\n{size}\n{_encode(root)}\n"
    return f"{text}\n{signer.sign(text)}"


def receipt(index: int, hashes: Sequence[bytes], signed: str, openings: Sequence[bytes] = ()) -> str:
    """A tlog-proof of the newest opening (salt and event), chained to the older ones that follow it."""
    extra = b"\n".join([*openings[:1], *(base64.b64encode(older) for older in openings[1:])])
    lines = [PROOF, *([f"extra {_encode(extra)}"] if extra else []), f"index {index}", *map(_encode, hashes)]
    return "\n".join(lines) + f"\n\n{signed}"


def _encode(content: bytes) -> str:
    return base64.b64encode(content).decode()

"""What receipts, checkpoints and proofs prove; needs no database and no network.

The tree is that of RFC 6962, section 2.1; signed-note, tlog-checkpoint, tlog-cosignature and tlog-proof are
those of c2sp.org. A receipt proves that a record existed, unchanged, in a ledger no later than the signed
checkpoint; it does not prove that what was said is true. `docs/verify/` holds a second verifier that
shares no line with this one.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ahadi.ledger import commitment, tree

PROOF = "c2sp.org/tlog-proof@v1"
ED25519, COSIGNATURE = 1, 4
MOST_SIGNATURES = 100


class Refused(Exception):
    """Nothing is proven; says why."""


class Unreadable(Refused):
    """This is not what it should be: nothing could be checked at all."""


class Key(NamedTuple):
    """A published verifier key (vkey)."""

    name: str
    id: bytes
    algorithm: int
    public: bytes


class Note(NamedTuple):
    """A signed text, and whose signatures hold."""

    text: str
    verified: tuple[str, ...]
    unverified: tuple[str, ...]


class Checkpoint(NamedTuple):
    """How large a ledger was, and its root hash at that size."""

    origin: str
    size: int
    root: bytes
    rest: str = ""


class Proof(NamedTuple):
    """A tlog-proof, read and not yet believed."""

    line: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""


class Proven(NamedTuple):
    """What a receipt proves: these events, oldest first, the newest of them at `line` of the ledger."""

    events: tuple[dict[str, Any], ...]
    line: int
    checkpoint: Checkpoint
    signers: tuple[str, ...]


def leaf_of(salt: bytes, event: bytes) -> bytes:
    """Hash of the leaf that commits to an event without telling it."""
    return tree.leaf_hash(commitment.leaf_data(salt, event))


def inclusion(index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes) -> bytes:
    """The root that a leaf leads to, which must be `root` (RFC 6962, section 2.1.1)."""
    if not 0 <= index < size or any(len(part) != 32 for part in (leaf_hash, root, *proof)):
        raise Refused(f"This cannot be a proof for line {index} of a ledger of {size} lines.")
    if not hmac.compare_digest(_climb(index, size, leaf_hash, proof), root):
        raise Refused("The record does not lead to the signed root: something was changed.")
    return root


def consistency(size1: int, root1: bytes, size2: int, root2: bytes, proof: Sequence[bytes]) -> bytes:
    """The newer root, if the ledger only grew between two sizes (RFC 6962, section 2.1.2)."""
    if not 0 <= size1 <= size2 or any(len(part) != 32 for part in (root1, root2, *proof)):
        raise Refused(f"This cannot be a proof that a ledger grew from {size1} to {size2} lines.")
    if size1 == 0:
        # Everything begins with nothing, which needs no proof and bears none.
        same = not proof and root1 == tree.EMPTY
    else:
        same = _grow(size1, size2, root1, proof, True) == (root1, root2)
    if not same:
        raise Refused("Two different histories of one ledger were signed.")
    return root2


def key(vkey: str) -> Key:
    """A verifier key from its text, `name+id+base64`."""
    name, _plus, rest = vkey.strip().partition("+")
    identifier, _plus, encoded = rest.partition("+")
    raw = _decode(encoded)
    own = sha256(name.encode() + b"\n" + raw).digest()[:4]
    is_key = re.fullmatch(r"[^\s+]+", name) and len(raw) == 33 and raw[0] in (ED25519, COSIGNATURE)
    if not is_key or identifier != own.hex():
        raise Unreadable(f"{vkey!r} is not a verifier key.")
    return Key(name, own, raw[0], raw[1:])


def note(text: str | bytes, vkeys: Sequence[str]) -> Note:
    """The text of a signed note, if at least one of these keys signed it and no known signature is wrong."""
    body, lines = split_note(text)
    keys = [key(vkey) for vkey in vkeys]
    verified: dict[tuple[str, bytes], str] = {}
    unverified = []
    for name, identifier, signature in map(_signature, dict.fromkeys(lines)):
        known = [each for each in keys if (each.name, each.id) == (name, identifier)]
        if len(known) > 1:
            raise Refused(f"The key of {name} is ambiguous: it was given twice.")
        if not known:
            unverified.append(name)
        elif (name, identifier) not in verified:
            _check(known[0], body, signature)
            verified[name, identifier] = name
    if not verified:
        raise Refused("None of the given keys signed this.")
    return Note(body, tuple(verified.values()), tuple(unverified))


def checkpoint(text: str) -> Checkpoint:
    """The three lines of a checkpoint, and what follows them."""
    found = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]{0,19})\n([A-Za-z0-9+/=]+)\n(.*)", text, re.DOTALL)
    if found is None or int(found[2]) >= 1 << 64:
        raise Unreadable("This is not a checkpoint.")
    return Checkpoint(found[1], int(found[2]), _decode(found[3]), found[4])


def proof(text: str) -> Proof:
    """A tlog-proof taken apart; nothing is checked but its form."""
    head, _empty, signed = text.partition("\n\n")
    found = re.fullmatch(
        rf"{re.escape(PROOF)}\n(?:extra ([^\n]*)\n)?index (0|[1-9][0-9]{{0,19}})((?:\n[^\n]+)*)", head
    )
    if found is None or not signed:
        raise Unreadable("This is not a receipt.")
    hashes = tuple(_decode(line) for line in found[3].split("\n")[1:])
    if any(len(each) != 32 for each in hashes):
        raise Unreadable("A hash in the receipt does not have 32 bytes.")
    return Proof(int(found[2]), hashes, signed, _decode(found[1] or ""))


def receipt(text: str, vkeys: Sequence[str]) -> Proven:
    """What a receipt proves under these keys: salt and event, and the openings of the events before it."""
    parts = proof(text)
    signed = note(parts.checkpoint, vkeys)
    at = checkpoint(signed.text)
    if at.origin not in signed.verified:
        raise Refused(f"The checkpoint of {at.origin} is signed by somebody else.")
    salt, (newest, *earlier) = parts.extra[:32], parts.extra[32:].split(b"\n")
    inclusion(parts.line, at.size, leaf_of(salt, newest), parts.hashes, at.root)
    events = [_event(newest)]
    for opening in (_decode(line.decode("ascii", "replace")) for line in earlier):
        if leaf_of(opening[:32], opening[32:]).hex() not in (
            events[-1].get("previous"),
            events[-1].get("public"),
        ):
            raise Refused("The chain of the request is broken: an earlier event was changed or left out.")
        events.append(_event(opening[32:]))
    return Proven(tuple(reversed(events)), parts.line, at, signed.verified)


def _climb(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    if (size == 1) != (not proof):
        raise Refused("The proof has a wrong length.")
    if size == 1:
        return leaf
    middle = tree.split(size)
    if index < middle:
        return tree.node_hash(_climb(index, middle, leaf, proof[:-1]), proof[-1])
    return tree.node_hash(proof[-1], _climb(index - middle, size - middle, leaf, proof[:-1]))


def _grow(old: int, new: int, root: bytes, proof: Sequence[bytes], whole: bool) -> tuple[bytes, bytes]:
    if old == new and whole and not proof:
        return root, root
    if old == new and not whole and len(proof) == 1:
        return proof[0], proof[0]
    if old == new or not proof:
        raise Refused("The proof has a wrong length.")
    middle = tree.split(new)
    if old <= middle:
        before, after = _grow(old, middle, root, proof[:-1], whole)
        return before, tree.node_hash(after, proof[-1])
    before, after = _grow(old - middle, new - middle, root, proof[:-1], False)
    return tree.node_hash(proof[-1], before), tree.node_hash(proof[-1], after)


def _decode(text: str) -> bytes:
    with suppress(binascii.Error, ValueError):
        found = base64.b64decode(text, validate=True)
        # Two texts for the same bytes would be two receipts for the same thing.
        if base64.b64encode(found).decode() == text:
            return found
    raise Unreadable(f"{text[:60]!r} is not base64.")


def _event(canonical: bytes) -> dict[str, Any]:
    try:
        return dict(json.loads(canonical))
    except (ValueError, TypeError, RecursionError) as error:
        raise Unreadable("The event in the receipt cannot be read.") from error


def split_note(text: str | bytes) -> tuple[str, list[str]]:
    """A signed note taken apart: its text, and the lines of its signatures; nothing is believed yet."""
    try:
        whole = text.decode() if isinstance(text, bytes) else text
    except UnicodeDecodeError as error:
        raise Unreadable("The signed text is not UTF-8.") from error
    body, empty, signatures = whole.rpartition("\n\n")
    lines = signatures.split("\n")
    if not empty or lines.pop() != "" or not 1 <= len(lines) <= MOST_SIGNATURES:
        raise Unreadable("This is not a signed text.")
    if any(sign < " " and sign != "\n" for sign in whole):
        raise Unreadable("The signed text contains signs that nobody can see.")
    return body + "\n", lines


def _signature(line: str) -> tuple[str, bytes, bytes]:
    found = re.fullmatch(r"\u2014 ([^\s+]+) ([^ ]+)", line)
    raw = _decode(found[2]) if found else b""
    if found is None or len(raw) < 5:
        raise Unreadable("A line of the signatures cannot be read.")
    return found[1], raw[:4], raw[4:]


def _check(key: Key, text: str, signature: bytes) -> None:
    signed = text.encode()
    if key.algorithm == COSIGNATURE:
        moment = int.from_bytes(signature[:8], "big")
        signed, signature = f"cosignature/v1\ntime {moment}\n".encode() + signed, signature[8:]
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, signed)
    except InvalidSignature as error:
        raise Refused(f"The signature of {key.name} is wrong: the text was changed.") from error

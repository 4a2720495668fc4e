"""Checks a receipt without the help of the company that gave it.

    python verify.py RECEIPT --vkey KEY

Needs Python 3.9 or newer and the package `cryptography`; reads one file, asks no network, writes nothing.
Exit status: 0 proven, 1 not proven, 2 the file cannot be read.

What "proven" means: the events printed below stood, exactly so, in the ledger that is named, when it had the
number of lines that is named; whoever holds the ledger's key signed that and cannot take it back. It does not
mean that what was said is true.

A receipt is a text in four parts (c2sp.org/tlog-proof):

    c2sp.org/tlog-proof@v1
    extra <base64: 32 bytes of salt, the event, and after line feeds the base64 of earlier salts and events>
    index <number of the line in the ledger>
    <base64 hashes, one in a line: the way from the line up to the root of the tree>
    <an empty line>
    <the signed checkpoint: name of the ledger, number of lines, root; an empty line; signatures>
"""

import argparse
import base64
import hashlib
import hmac
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class NotProven(Exception):
    """The receipt can be read, and is false."""


def sha256(*parts):
    """One hash over everything given."""
    return hashlib.sha256(b"".join(parts)).digest()


def decode(text):
    """Bytes from base64 in the only form in which it is written."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("base64 in an unusual form")
    return raw


def number(text):
    """A number in the only form in which it is written."""
    if not (text.isascii() and text.isdigit()) or str(int(text)) != text or int(text) >= 2**64:
        raise ValueError("not a number")
    return int(text)


def read_key(vkey):
    """The name of a ledger, the identifier of its key, and the key: `name+identifier+base64`."""
    name, identifier, encoded = vkey.strip().split("+", 2)
    raw = decode(encoded)
    if raw[0] != 1 or len(raw) != 33:
        raise ValueError("the key is not of the kind Ed25519")
    known = sha256(name.encode(), b"\n", raw)[:4]
    if known.hex() != identifier:
        raise ValueError("the identifier does not belong to the key")
    return name, known, Ed25519PublicKey.from_public_bytes(raw[1:])


def read_checkpoint(note, vkey):
    """Size and root of the ledger, if the key signed them (c2sp.org/signed-note, tlog-checkpoint)."""
    name, identifier, public = read_key(vkey)
    if any(sign < " " and sign != "\n" for sign in note):
        raise ValueError("the checkpoint contains signs that nobody can see")
    text, _empty, signatures = note.rpartition("\n\n")
    if not text or not signatures.endswith("\n"):
        raise ValueError("the checkpoint is not signed")
    is_signed = False
    for line in signatures[:-1].split("\n"):
        dash, signer, encoded = line.split(" ")
        raw = decode(encoded)
        if dash != "\u2014" or len(raw) < 5:
            raise ValueError("a signature cannot be read")
        if (signer, raw[:4]) == (name, identifier) and not is_signed:
            try:
                public.verify(raw[4:], text.encode() + b"\n")
            except InvalidSignature:
                raise NotProven("the signature is wrong: the checkpoint was changed") from None
            is_signed = True
    if not is_signed:
        raise NotProven("this key did not sign the receipt")
    origin, size, root, *_rest = text.split("\n")
    if origin != name:
        raise NotProven("the key belongs to another ledger")
    return number(size), decode(root)


def leaf(opening):
    """The hash that stands in the ledger for a salt and an event: it tells neither (0x00: RFC 6962)."""
    commitment = hmac.new(opening[:32], opening[32:], "sha256").digest()
    return sha256(b"\x00case-event/v1\n", base64.b64encode(commitment), b"\n")


def root_of(index, size, found, way):
    """The root to which a line leads, going up the tree (RFC 9162, section 2.1.3.2; 0x01 marks a fork)."""
    last = size - 1
    for step in way:
        if last == 0:
            raise NotProven("the way is too long")
        if index % 2 == 1 or index == last:
            found = sha256(b"\x01", step, found)
            while index % 2 == 0 and index > 0:
                index, last = index // 2, last // 2
        else:
            found = sha256(b"\x01", found, step)
        index, last = index // 2, last // 2
    if last != 0:
        raise NotProven("the way is too short")
    return found


def verify(receipt, vkey):
    """The events that a receipt proves, oldest first, and the size of the ledger at that time."""
    head, empty, note = receipt.partition("\n\n")
    kind, *lines = head.split("\n")
    if kind != "c2sp.org/tlog-proof@v1" or not empty or len(lines) < 2:
        raise ValueError("not a receipt")
    (extra_name, extra), (index_name, index) = lines[0].split(" "), lines[1].split(" ")
    way = [decode(line) for line in lines[2:]]
    if (extra_name, index_name) != ("extra", "index") or any(len(step) != 32 for step in way):
        raise ValueError("not a receipt")
    size, root = read_checkpoint(note, vkey)
    extra, index = decode(extra), number(index)
    salt, (newest, *earlier) = extra[:32], extra[32:].split(b"\n")
    if index >= size or root_of(index, size, leaf(salt + newest), way) != root:
        raise NotProven("the event does not lead to the signed root: something was changed")
    events = [json.loads(newest)]
    # Each event names the leaf before it, and the last leaf before it that both sides read: one signature
    # holds the whole request together.
    for opening in (decode(line.decode()) for line in earlier):
        if leaf(opening).hex() not in (events[0].get("previous"), events[0].get("public")):
            raise NotProven("an earlier event was changed or left out")
        events.insert(0, json.loads(opening[32:]))
    return events, size


def main():
    """Read, check, say."""
    parser = argparse.ArgumentParser(description="Checks a receipt without the company's help.")
    parser.add_argument("receipt", help="the file, .tlog-proof")
    parser.add_argument("--vkey", required=True, help="the key that the ledger has published")
    given = parser.parse_args()
    try:
        with open(given.receipt, encoding="utf-8", newline="") as file:
            events, size = verify(file.read(), given.vkey)
    except NotProven as error:
        print(f"Not proven: {error}.")
        return 1
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        print(f"Cannot be read: {error}.")
        return 2
    print(f"Proven: this stood in {given.vkey.split('+')[0]} when it had {size} lines.")
    for event in events:
        print(json.dumps(event, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())

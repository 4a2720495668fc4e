"""Being a witness of another log: to sign that it only grew, and never two histories (tlog-witness, T-07)."""

from __future__ import annotations

import base64
import binascii
import re
from typing import NamedTuple

from django.db import transaction

from ahadi.ledger import keys, verify
from ahadi.ledger.models import Watched
from ahadi.lib import clock

MOST_HASHES = 63
LARGEST = 64 * 1024
SIZE_TYPE = "text/x.tlog.size"


class Answer(NamedTuple):
    """What a log is told: a status of HTTP, and a text."""

    status: int
    text: str
    content_type: str = "text/plain; charset=utf-8"


class _Asked(NamedTuple):
    old: int
    proof: list[bytes]
    note: str


def add_checkpoint(body: bytes) -> Answer:
    """Cosign a checkpoint if it continues what was cosigned before; what was seen is kept before signing."""
    asked = _read(body)
    if asked is None:
        return Answer(400, "This is not a request to add a checkpoint.\n")
    try:
        text, _signatures = verify.split_note(asked.note)
        new = verify.checkpoint(text)
    except verify.Unreadable:
        return Answer(400, "This is not a signed checkpoint.\n")
    with transaction.atomic():
        known = Watched.objects.select_for_update().filter(origin=new.origin).first()
        if known is None:
            return Answer(404, "This witness does not watch that log.\n")
        refused = _refusal(known, asked, new)
        if refused is not None:
            return refused
        known.size, known.root, known.seen = new.size, new.root, clock.now()
        known.save(update_fields=["size", "root", "seen"])
    return Answer(200, keys.witness().cosign(text, int(clock.now().timestamp())))


def _refusal(known: Watched, asked: _Asked, new: verify.Checkpoint) -> Answer | None:
    try:
        signed = verify.note(asked.note, [str(vkey) for vkey in known.vkeys])
    except verify.Refused:
        return Answer(403, "No key of that log signed this.\n")
    if new.origin not in signed.verified:
        return Answer(403, "No key of that log signed this.\n")
    if asked.old > new.size:
        return Answer(400, "The old size is larger than the new one.\n")
    if asked.old != known.size:
        return Answer(409, f"{known.size}\n", SIZE_TYPE)
    if new.size == known.size and new.root != bytes(known.root):
        _remember_fork(known, asked.note)
        return Answer(409, f"{known.size}\n", SIZE_TYPE)
    try:
        verify.consistency(known.size, bytes(known.root), new.size, new.root, asked.proof)
    except verify.Refused:
        return Answer(422, "The proof does not lead from the old checkpoint to the new one.\n")
    return None


def _remember_fork(known: Watched, note: str) -> None:
    # Signed by its own key: whoever reads it needs nobody's word.
    size, root = known.size, base64.b64encode(bytes(known.root)).decode()
    known.forked = f"{known.origin}\n{size}\n{root}\n\n{note}"
    known.save(update_fields=["forked"])


def _read(body: bytes) -> _Asked | None:
    try:
        head, empty, note = body.decode().partition("\n\n")
    except UnicodeDecodeError:
        return None
    first, *lines = head.split("\n")
    found = re.fullmatch(r"old (0|[1-9][0-9]{0,18})", first)
    if found is None or not empty or len(lines) > MOST_HASHES:
        return None
    proof = []
    for line in lines:
        try:
            hash_ = base64.b64decode(line, validate=True)
        except (binascii.Error, ValueError):
            return None
        if len(hash_) != 32 or base64.b64encode(hash_).decode() != line:
            return None
        proof.append(hash_)
    return _Asked(int(found[1]), proof, note)

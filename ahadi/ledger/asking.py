"""Asking witnesses elsewhere to sign our newest published checkpoint (tlog-witness, rule T-07)."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable

from ahadi.ledger import log, tiles, verify
from ahadi.ledger.models import Checkpoint, Cosignature, Witness
from ahadi.lib import fetch

said = logging.getLogger("ahadi.ledger")

Post = Callable[[str, bytes], fetch.Fetched]


def ask(post: Post | None = None) -> int:
    """Have the newest published checkpoint signed by every witness; returns how many signed now."""
    if not Witness.objects.exists():
        return 0
    newest = log.published()
    if newest is None:
        return 0
    waiting = Witness.objects.exclude(cosignatures__checkpoint=newest)
    return sum(_ask(witness, newest, post or _post) for witness in waiting)


def _ask(witness: Witness, checkpoint: Checkpoint, post: Post) -> bool:
    try:
        # Once more where the witness knows another size than we remember.
        for _attempt in range(2):
            answer = post(f"{witness.url.rstrip('/')}/add-checkpoint", _body(witness.size, checkpoint))
            if answer.status != 409:
                break
            told = answer.content.decode("ascii", "replace").strip()
            if not told.isdigit() or int(told) > checkpoint.size:
                raise fetch.Refused("the witness knows another history, or a longer one")
            witness.size = int(told)
        if answer.status != 200:
            raise fetch.Refused(f"the witness answered {answer.status}")
        line = _line(witness, checkpoint, answer.content)
    except (fetch.Refused, OSError, ValueError, verify.Refused) as error:
        said.warning("Witness %s did not sign %s: %s", witness.name, checkpoint.size, error)
        Witness.objects.filter(pk=witness.pk).update(said=str(error)[:300])
        return False
    Cosignature.objects.get_or_create(checkpoint=checkpoint, witness=witness, defaults={"line": line})
    Witness.objects.filter(pk=witness.pk).update(size=checkpoint.size, said="")
    return True


def _body(old: int, checkpoint: Checkpoint) -> bytes:
    proof = tiles.Tree(log.read, checkpoint.size).consistency(old)
    lines = "".join(f"{base64.b64encode(hash_).decode()}\n" for hash_ in proof)
    return f"old {old}\n{lines}\n{checkpoint.note}".encode()


def _line(witness: Witness, checkpoint: Checkpoint, answer: bytes) -> str:
    """The line of this witness, which must be right before it is kept."""
    text, _signatures = verify.split_note(checkpoint.note)
    for line in answer.decode().splitlines(keepends=True):
        if line.startswith(f"\u2014 {witness.name} ") and line.endswith("\n"):
            verify.note(f"{text}\n{line}", [witness.vkey])
            return line
    raise fetch.Refused("the answer holds no signature of this witness")


def _post(address: str, body: bytes) -> fetch.Fetched:
    return fetch.post(address, body, {"Content-Type": "text/plain; charset=utf-8"})

"""The log: leaves get their places in a tree that is signed again each time it grows (rules T-01 to T-05).

Whoever writes an entry only adds a leaf. Putting leaves in a row is the work of one process at a time, behind
everybody's back: no writer ever waits for another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from ahadi.ledger import keys, notes, tiles
from ahadi.ledger.models import Checkpoint, Cosignature, Key, Line, Opening, Tile
from ahadi.ledger.tiles import Place
from ahadi.lib import clock, piece
from ahadi.lib.question import Question

# "AHADI" and 1, as the key of an advisory lock.
LOCK = 0x41484144_49000001
# In one transaction; a log that is far behind catches up in several.
MOST = 5_000
# The public sees the log grow in steps, so that its growth tells nobody's hour (rule T-22).
STEP = timedelta(seconds=60)

_LAST = Question(lambda: Checkpoint.objects.select_related("key").order_by("-pk")[:1])
_SEEN = Question(lambda: Cosignature.objects.select_related("checkpoint").order_by("-pk")[:1])
_PLACE = Question(lambda leaf: Line.objects.filter(leaf=leaf).values_list("index"))
_LINE = 'INSERT INTO ledger_line ("index", leaf_id) VALUES (%s, %s)'
_LINES = 'INSERT INTO ledger_line ("index", leaf_id) SELECT * FROM unnest(%s::bigint[], %s::bigint[])'
_TILE = "SELECT hashes FROM ledger_tile WHERE level = %s AND number = %s"

# Leaves that follow the last line of the log, at most so many: keys and hashes, in their order for ever.
Follow = Callable[[int], Sequence[tuple[int, bytes]]]


class Unsigned(Exception):
    """Nothing may be signed here and now; the message says why, for the administrator."""


def grow(follow: Follow, *, wait: bool = False) -> int:
    """Give places to the leaves that follow and sign the new root; returns how many there were.

    While another process is at it, nothing is done, or what it leaves over after waiting for it.
    """
    if not follow(1):
        # Looking needs nobody's turn; writing does.
        return 0
    with transaction.atomic():
        if not _is_alone(wait):
            return 0
        newest = last()
        size = newest.size if newest else 0
        signer = _signer(newest)
        leaves = follow(MOST)
        if not leaves:
            return 0
        changed = tiles.grow(read, size, [bytes(hash_) for _key, hash_ in leaves])
        _write(changed)
        _line_up([key for key, _hash in leaves], size)
        checkpoint = _sign(signer, size + len(leaves))
    keys.remember(checkpoint.size, bytes(checkpoint.root))
    return len(leaves)


def last() -> Checkpoint | None:
    """The newest checkpoint."""
    found: list[Checkpoint] = _LAST.objects()
    return found[0] if found else None


def vkeys() -> list[str]:
    """Every key that was ever published, the one that signs now first."""
    return list(Key.objects.order_by("-pk").values_list("vkey", flat=True))


def published(at: datetime | None = None) -> Checkpoint | None:
    """What the public may know: the newest checkpoint of the last full step."""
    now = at or clock.now()
    until = now - timedelta(seconds=now.timestamp() % STEP.total_seconds())
    return Checkpoint.objects.filter(made__lte=until).order_by("-pk").first()


def read(place: Place) -> bytes:
    """The hashes of a tile."""
    with connection.cursor() as cursor:
        cursor.execute(_TILE, place)
        found = cursor.fetchone()
    return bytes(found[0]) if found else b""


def receipt(leaf_ids: Sequence[int]) -> str | None:
    """The receipt of leaves that are chained, newest first; None while the newest has no place yet."""
    places = _PLACE.rows(leaf_ids[0])
    return prove(places[0][0], _openings(leaf_ids)) if places else None


def prove(index: int, openings: Sequence[bytes]) -> str | None:
    """The receipt of a line and of what it is chained to, each opened, newest first."""
    newest = piece.once(last, last)
    if newest is None or newest.size <= index:
        # Signed since this piece of work began.
        newest = last()
    if newest is None:
        return None
    # What a witness has signed weighs more; where none has, the newest of ours. Many receipts in a row stand
    # in the same tree: its witness is asked for and its tiles are read once.
    seen = piece.once(_SEEN, _SEEN.objects)
    at = seen[0].checkpoint if seen and seen[0].checkpoint.size > index else newest
    grown = piece.once((tiles.Tree, at.pk), lambda: tiles.Tree(read, at.size))
    note = piece.once((note_of, at.pk), lambda: note_of(at))
    return notes.receipt(index, grown.inclusion(index), note, openings)


def note_of(checkpoint: Checkpoint) -> str:
    """The checkpoint with the lines of its witnesses."""
    lines = checkpoint.cosignatures.order_by("witness__name").values_list("line", flat=True)
    return checkpoint.note + "".join(lines)


def _openings(leaf_ids: Sequence[int]) -> list[bytes]:
    rows = Opening.objects.filter(leaf__in=leaf_ids).values_list("leaf_id", "salt", "event")
    found = {leaf_id: bytes(salt) + bytes(event) for leaf_id, salt, event in rows}
    openings = []
    for leaf_id in leaf_ids:
        if leaf_id not in found:
            # What was erased cannot be opened, and the chain cannot be followed beyond it.
            break
        openings.append(found[leaf_id])
    return openings


def _is_alone(wait: bool) -> bool:
    if connection.vendor != "postgresql":
        # A transaction that begins on SQLite already waits for every other.
        return True
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _signer(newest: Checkpoint | None) -> notes.Signer:
    """Who signs next; raises Unsigned where a signature could contradict an older one."""
    known = keys.signers()
    if newest and newest.key.vkey not in {signer.vkey for signer in known}:
        raise Unsigned("The key of the ledger is not on this machine; the machine that has it goes on.")
    seen = keys.seen()
    size, root = (newest.size, bytes(newest.root)) if newest else (0, b"")
    if seen and (size < seen.size or (size == seen.size and root != seen.root)):
        raise Unsigned(
            f"The database knows {size} lines of the ledger, and {seen.size} were already signed: it is "
            "older than what customers hold. Nothing is signed until an administrator begins a new ledger."
        )
    return known[-1]


def _sign(signer: notes.Signer, size: int) -> Checkpoint:
    key, _is_new = Key.objects.get_or_create(vkey=signer.vkey, defaults={"name": signer.name})
    root = tiles.Tree(read, size).root()
    return Checkpoint.objects.create(key=key, size=size, root=root, note=notes.checkpoint(signer, size, root))


def _line_up(keys: Sequence[int], size: int) -> None:
    """Lines for leaves that follow a log of this size."""
    # Thousands at once, where building rows costs more than all hashing.
    places = range(size, size + len(keys))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_LINES, [list(places), list(keys)])
        else:
            cursor.executemany(_LINE, list(zip(places, keys, strict=True)))


def _write(changed: dict[Place, bytes]) -> None:
    rows = [Tile(level=level, number=number, hashes=hashes) for (level, number), hashes in changed.items()]
    Tile.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["level", "number"], update_fields=["hashes"]
    )

"""The log recomputed from its leaves: every place, every tile, every signed root."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ahadi.ledger import keys, log, tiles, verify
from ahadi.ledger.models import Checkpoint, Line, Tile
from ahadi.ledger.tiles import HASH, WIDTH, Place


class Fault(NamedTuple):
    """Something that does not hold: a stable code, where, and a sentence for people."""

    code: str
    place: str
    sentence: str


def audit() -> Iterator[Fault]:
    """Everything that is wrong with the log; nothing where all holds."""
    newest = log.last()
    size = newest.size if newest else 0
    seen = keys.seen()
    if seen and size < seen.size:
        sentence = f"The database knows {size} lines of the ledger, but {seen.size} were already signed."
        yield Fault("older_database", "ledger", sentence)
    yield from _lines(size)
    yield from _tiles(size)
    yield from _checkpoints()


def _lines(size: int) -> Iterator[Fault]:
    """Places follow each other, and the lowest tiles hold exactly their leaves."""
    expected, tile, number = 0, b"", -1
    rows = Line.objects.order_by("index").values_list("index", "leaf__hash")
    for index, leaf in rows.iterator(chunk_size=5_000):
        if index != expected:
            yield Fault("missing_line", f"line {expected}", f"Line {expected} of the ledger is missing.")
            expected = index
        expected += 1
        if index // WIDTH != number:
            number = index // WIDTH
            tile = log.read(Place(0, number))
        at = index % WIDTH * HASH
        if bytes(leaf) != tile[at : at + HASH]:
            yield Fault("changed_leaf", f"line {index}", f"The leaf of line {index} is not what was signed.")
    if expected < size:
        yield Fault("missing_line", f"line {expected}", f"The ledger ends at {expected} lines of {size}.")


def _tiles(size: int) -> Iterator[Fault]:
    """Each tile above follows from the tiles below, and none is missing, too short or too long."""
    expected = {
        (level, number): WIDTH if number < full else partial
        for level, full, partial in tiles.widths(size)
        for number in range(full + (1 if partial else 0))
    }
    for level, number in Tile.objects.order_by("level", "number").values_list("level", "number"):
        width = expected.pop((level, number), 0)
        hashes = log.read(Place(level, number))
        right = len(hashes) == width * HASH
        if right and level:
            below = (log.read(Place(level - 1, number * WIDTH + part)) for part in range(width))
            right = hashes == b"".join(map(tiles.root, below))
        if not right:
            sentence = f"Tile {level}/{number} of the ledger does not follow from its lines."
            yield Fault("changed_tile", f"tile {level}/{number}", sentence)
    for level, number in expected:
        yield Fault("missing_tile", f"tile {level}/{number}", f"Tile {level}/{number} is missing.")


def _checkpoints() -> Iterator[Fault]:
    vkeys = log.vkeys()
    reader = Kept()
    for checkpoint in Checkpoint.objects.select_related("key").order_by("pk").iterator(chunk_size=1_000):
        place = f"checkpoint {checkpoint.size}"
        try:
            signed = verify.checkpoint(verify.note(checkpoint.note, vkeys).text)
        except verify.Refused as error:
            yield Fault("wrong_signature", place, f"The checkpoint of {checkpoint.size} lines: {error}")
            continue
        known = (checkpoint.key.name, checkpoint.size, bytes(checkpoint.root))
        root = tiles.Tree(reader, checkpoint.size).root()
        if (signed.origin, signed.size, signed.root) != known or root != signed.root:
            sentence = f"The ledger of {checkpoint.size} lines has another root than the one that was signed."
            yield Fault("wrong_root", place, sentence)


class Kept:
    """Reads tiles and keeps the last few hundred: neighbouring checkpoints share nearly all of theirs."""

    def __init__(self, most: int = 512) -> None:
        self._most = most
        self._kept: dict[Place, bytes] = {}

    def __call__(self, place: Place) -> bytes:
        if place not in self._kept:
            if len(self._kept) >= self._most:
                self._kept.pop(next(iter(self._kept)))
            self._kept[place] = log.read(place)
        return self._kept[place]

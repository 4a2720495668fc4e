"""The tree in tiles of 256 hashes: how it grows, and how proofs are read from it (c2sp.org/tlog-tiles, T-05).

A tile of level L holds roots of whole subtrees of 256^L leaves. Tiles fill from the left and never change
once full, so a ledger of ten million lines grows and proves by touching a handful of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from ahadi.ledger import tree

HEIGHT = 8
WIDTH = 1 << HEIGHT
HASH = 32


class Place(NamedTuple):
    """Which tile: its level and its number in that level."""

    level: int
    number: int


# Gives the hashes of a tile, as many as there are; nothing where the tile does not exist yet.
Read = Callable[[Place], bytes]


def path(place: Place, width: int = WIDTH) -> str:
    """The address of a tile below `/ledger/tile/`."""
    groups = []
    number = place.number
    while True:
        groups.append(f"{number % 1000:03d}")
        number //= 1000
        if not number:
            break
    last, *rest = groups
    name = "/".join([*(f"x{group}" for group in reversed(rest)), last])
    return f"{place.level}/{name}" + (f".p/{width}" if width < WIDTH else "")


def widths(size: int) -> Iterator[tuple[int, int, int]]:
    """For each level of a tree: the level, how many tiles are full, and how wide the partial one is."""
    level = 0
    while size:
        yield level, size // WIDTH, size % WIDTH
        size //= WIDTH
        level += 1


def grow(read: Read, size: int, leaves: Iterable[bytes]) -> dict[Place, bytes]:
    """The tiles that change when leaves are added to a tree of `size`; whole subtrees go one level up."""
    changed: dict[Place, bytes] = {}
    level, added = 0, list(leaves)
    while added:
        number, width = divmod(size, WIDTH)
        hashes = bytearray(read(Place(level, number))[: width * HASH])
        whole = []
        for leaf in added:
            hashes += leaf
            if len(hashes) == WIDTH * HASH:
                changed[Place(level, number)] = bytes(hashes)
                whole.append(root(hashes))
                number, hashes = number + 1, bytearray()
        if hashes:
            changed[Place(level, number)] = bytes(hashes)
        level, size, added = level + 1, size // WIDTH, whole
    return changed


class Tree:
    """A tree of a known size, read from tiles; asks for each tile once."""

    def __init__(self, read: Read, size: int) -> None:
        self.size = size
        self._read = read
        self._tiles: dict[Place, bytes] = {}
        # Many ways lead over the same roots.
        self._roots: dict[tuple[int, int], bytes] = {}

    def root(self) -> bytes:
        """The root hash."""
        return self._range(0, self.size) if self.size else tree.EMPTY

    def inclusion(self, index: int) -> list[bytes]:
        """The way from a leaf up to the root, its sibling first (RFC 6962, section 2.1.1)."""
        if not 0 <= index < self.size:
            raise ValueError(f"There is no line {index} in a ledger of {self.size}.")
        return self._way(index, 0, self.size)

    def consistency(self, old: int) -> list[bytes]:
        """That the tree of an older size is a beginning of this one (RFC 6962, section 2.1.2)."""
        if not 0 <= old <= self.size:
            raise ValueError(f"A ledger of {self.size} lines did not grow from {old}.")
        return self._growth(old, 0, self.size, True) if 0 < old < self.size else []

    def _way(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        middle = start + tree.split(end - start)
        if index < middle:
            return [*self._way(index, start, middle), self._range(middle, end)]
        return [*self._way(index, middle, end), self._range(start, middle)]

    def _growth(self, old: int, start: int, end: int, whole: bool) -> list[bytes]:
        if old == end:
            return [] if whole else [self._range(start, end)]
        middle = start + tree.split(end - start)
        if old <= middle:
            return [*self._growth(old, start, middle, whole), self._range(middle, end)]
        return [*self._growth(old, middle, end, False), self._range(start, middle)]

    def _range(self, start: int, end: int) -> bytes:
        """The root over the leaves from start to end; start is a multiple of the split below it."""
        known = self._roots.get((start, end))
        if known is None:
            known = self._roots[start, end] = self._computed(start, end)
        return known

    def _computed(self, start: int, end: int) -> bytes:
        count = end - start
        if count & (count - 1):
            middle = start + tree.split(count)
            return tree.node_hash(self._range(start, middle), self._range(middle, end))
        level, rest = divmod(count.bit_length() - 1, HEIGHT)
        first = start >> (level * HEIGHT)
        tile = self._tile(Place(level, first // WIDTH))
        within = first % WIDTH
        return root(tile[within * HASH : (within + (1 << rest)) * HASH])

    def _tile(self, place: Place) -> bytes:
        if place not in self._tiles:
            self._tiles[place] = self._read(place)
        return self._tiles[place]


def root(hashes: Sequence[int] | bytes) -> bytes:
    """The root over a power of two of hashes that lie side by side."""
    row = bytes(hashes)
    while len(row) > HASH:
        pairs = range(0, len(row), 2 * HASH)
        row = b"".join(tree.node_hash(row[at : at + HASH], row[at + HASH : at + 2 * HASH]) for at in pairs)
    return row

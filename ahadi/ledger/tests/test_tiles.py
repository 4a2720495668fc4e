from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahadi.ledger import notes, tiles, tree, verify
from ahadi.ledger.tiles import Place
from ahadi.ledger.verify import COSIGNATURE


def leaves_of(count: int) -> list[bytes]:
    return [tree.leaf_hash(number.to_bytes(4, "big")) for number in range(count)]


def reader(kept: dict[Place, bytes]) -> tiles.Read:
    return lambda place: kept.get(place, b"")


def build(leaves: list[bytes], steps: list[int]) -> tuple[dict[Place, bytes], int]:
    """Grow a tree step by step, as a sequencer does."""
    kept: dict[Place, bytes] = {}
    size = 0
    for step in [*steps, len(leaves)]:
        added = leaves[size : size + step]
        kept |= tiles.grow(reader(kept), size, added)
        size += len(added)
    return kept, size


@settings(deadline=None)
@given(st.integers(0, 700), st.lists(st.integers(1, 300), max_size=5))
def test_a_tree_grown_in_any_steps_has_the_root_of_its_leaves(count, steps):
    leaves = leaves_of(count)
    kept, size = build(leaves, steps)

    assert size == count
    assert tiles.Tree(reader(kept), count).root() == tree.root(leaves)


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_every_line_and_every_older_size_is_proven(data):
    count = data.draw(st.integers(1, 20_000))
    leaves = leaves_of(count)
    kept, _size = build(leaves, [])
    grown = tiles.Tree(reader(kept), count)
    root = grown.root()

    index = data.draw(st.integers(0, count - 1))
    verify.inclusion(index, count, leaves[index], grown.inclusion(index), root)
    old = data.draw(st.integers(0, count))
    before = tiles.Tree(reader(kept), old).root()
    verify.consistency(old, before, count, root, grown.consistency(old))


def test_a_tree_of_seventy_thousand_has_the_tiles_of_the_specification():
    assert list(tiles.widths(70_000)) == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]


@pytest.mark.parametrize(
    ("place", "width", "expected"),
    [
        (Place(0, 1_234_067), 256, "0/x001/x234/067"),
        (Place(0, 273), 112, "0/273.p/112"),
        (Place(2, 0), 1, "2/000.p/1"),
    ],
)
def test_tiles_have_the_addresses_of_the_specification(place, width, expected):
    assert tiles.path(place, width) == expected


def test_the_published_key_and_checkpoint_are_signed_the_same(material):
    vectors = material / "guide/vectors"
    signer = notes.Signer("help.example/ledger", bytes(range(32)))
    text = (vectors / "example.tlog-proof").read_text()
    signed = text.partition("\n\n")[2]
    at = verify.checkpoint(verify.note(signed, [signer.vkey]).text)

    assert signer.vkey == (vectors / "vkey.txt").read_text().strip()
    assert notes.checkpoint(signer, at.size, at.root) == signed
    parts = verify.proof(text)
    assert notes.receipt(parts.line, parts.hashes, signed, [parts.extra]) == text


def test_a_witness_signs_that_it_saw_a_checkpoint():
    witness = notes.Signer("witness.example/w1", bytes(range(32, 64)), COSIGNATURE)
    signer = notes.Signer("help.example/ledger", bytes(range(32)))
    signed = notes.checkpoint(signer, 1, sha256(b"one").digest())
    text = signed.partition("\n\n")[0] + "\n"

    found = verify.note(signed + witness.cosign(text, 1_800_000_000), [signer.vkey, witness.vkey])

    assert witness.vkey == "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
    assert found.verified == ("help.example/ledger", "witness.example/w1")

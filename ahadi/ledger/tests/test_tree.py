from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahadi.ledger import commitment, tree

VALUES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text()


def test_the_roots_of_the_published_tree_are_ours(material):
    known = json.loads((material / "data/merkle/rfc6962-tree8.json").read_text())
    leaves = [tree.leaf_hash(bytes.fromhex(text)) for text in known["leaf_inputs_hex"]]

    assert [leaf.hex() for leaf in leaves] == known["leaf_hashes_hex"]
    roots = [tree.root(leaves[:size]).hex() for size in range(len(leaves) + 1)]
    assert roots == known["roots_hex_by_size"]


def test_the_published_receipt_opens_to_the_published_leaf(material):
    vectors = material / "guide/vectors"
    lines = (vectors / "example.tlog-proof").read_text().splitlines()
    extra = base64.b64decode(next(line for line in lines if line.startswith("extra ")).split()[1])
    salt, event = extra[:32], extra[32:]

    assert commitment.leaf_data(salt, event) == (vectors / "entry.bin").read_bytes()
    assert commitment.canonical(json.loads(event)) == event


def test_the_published_receipt_leads_to_the_published_root(material):
    vectors = material / "guide/vectors"
    head, _empty, note = (vectors / "example.tlog-proof").read_text().partition("\n\n")
    lines = head.splitlines()
    index = int(next(line for line in lines if line.startswith("index ")).split()[1])
    proof = [base64.b64decode(line) for line in lines[lines.index(f"index {index}") + 1 :]]
    _origin, size, root = note.splitlines()[:3]

    # RFC 9162, section 2.1.3.2.
    place, last, found = index, int(size) - 1, tree.leaf_hash((vectors / "entry.bin").read_bytes())
    for step in proof:
        if place & 1 or place == last:
            found = tree.node_hash(step, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = tree.node_hash(found, step)
        place, last = place >> 1, last >> 1

    assert base64.b64encode(found).decode() == root


def test_an_empty_tree_is_the_hash_of_nothing():
    assert tree.root([]) == tree.EMPTY
    assert tree.EMPTY.hex().startswith("e3b0c442")


def test_a_leaf_is_no_inner_node():
    left, right = tree.leaf_hash(b"a"), tree.leaf_hash(b"b")

    assert tree.leaf_hash(left + right) != tree.node_hash(left, right)


@given(st.dictionaries(st.text(st.characters(max_codepoint=127)), VALUES | st.lists(st.text())))
def test_the_canonical_form_says_the_same_and_is_the_same_whatever_the_order(event):
    try:
        canonical = commitment.canonical(event)
    except UnicodeEncodeError:
        pytest.skip("no text")

    assert json.loads(canonical) == event
    assert commitment.canonical(dict(reversed(event.items()))) == canonical


def test_another_salt_gives_another_leaf():
    event = commitment.canonical({"v": 1})

    assert commitment.leaf_data(commitment.new_salt(), event) != commitment.leaf_data(
        commitment.new_salt(), event
    )

from __future__ import annotations

import base64
import importlib.util
import json
import random
from pathlib import Path
from typing import Any

import pytest

from ahadi.ledger import commitment, notes, tree, verify
from ahadi.lib.environment import ROOT

SECOND = ROOT / "docs/verify/verify.py"


@pytest.fixture(scope="module")
def second() -> Any:
    """The verifier that a sceptic reads, loaded from its file."""
    plan = importlib.util.spec_from_file_location("second_verifier", SECOND)
    assert plan is not None
    assert plan.loader is not None
    module = importlib.util.module_from_spec(plan)
    plan.loader.exec_module(module)
    return module


def rows(material: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (material / f"data/merkle/{name}.jsonl").read_text().splitlines()]


def test_published_proofs_hold_or_are_refused_as_expected(material):
    for row in rows(material, "proofs"):
        hashes = [base64.b64decode(each) for each in row["proof"] or []]

        def check(row: dict[str, Any] = row, hashes: list[bytes] = hashes) -> object:
            if row["kind"] == "inclusion":
                leaf, root = base64.b64decode(row["leafHash"]), base64.b64decode(row["root"])
                return verify.inclusion(row["leafIdx"], row["treeSize"], leaf, hashes, root)
            old, new = base64.b64decode(row["root1"]), base64.b64decode(row["root2"])
            return verify.consistency(row["size1"], old, row["size2"], new, hashes)

        if row["wantErr"]:
            with pytest.raises(verify.Refused):
                check()
        else:
            check()


def test_published_notes_are_read_as_expected(material):
    for row in rows(material, "signed-notes"):
        text = base64.b64decode(row["note_b64"])
        if row["expect"] == "ok":
            note = verify.note(text, row["keys"])
            assert (list(note.verified), list(note.unverified)) == (row["verified"], row["unverified"]), row
        else:
            with pytest.raises(verify.Refused):
                verify.note(text, row["keys"])


def test_published_keys_are_known_or_refused(material):
    for row in rows(material, "note-keys"):
        if row["kind"] != "vkey":
            continue
        if row["valid"]:
            verify.key(row["value"])
        else:
            with pytest.raises(verify.Unreadable):
                verify.key(row["value"])


def test_published_checkpoints_are_read_or_refused(material):
    for row in rows(material, "checkpoints"):
        if row["want_error"]:
            with pytest.raises(verify.Unreadable):
                verify.checkpoint(row["checkpoint"])
        else:
            found, expected = verify.checkpoint(row["checkpoint"]), row["expect"]
            assert (found.origin, found.size) == (expected["origin"], expected["size"])
            assert found.root == base64.b64decode(expected["hash"])
            assert found.rest == row["rest"]


def test_published_receipts_are_read_or_refused(material):
    for row in rows(material, "tlog-proofs"):
        if row.get("want_error"):
            with pytest.raises(verify.Unreadable):
                verify.proof(row["proof"])
        else:
            found, expected = verify.proof(row["proof"]), row["expect"]
            assert (found.line, found.checkpoint) == (expected["index"], expected["checkpoint"])
            assert [base64.b64encode(each).decode() for each in found.hashes] == expected["hashes"]
            assert found.extra.decode() == expected.get("extra", "")


def test_the_published_receipt_proves_its_event(material):
    vectors = material / "guide/vectors"
    vkey = (vectors / "vkey.txt").read_text().strip()

    proven = verify.receipt((vectors / "example.tlog-proof").read_text(), [vkey])

    assert proven.events[-1]["case"] == "K7QF-9T2M-XR4D"
    assert (proven.line, proven.checkpoint.size) == (421, 1000)


def test_no_byte_of_a_receipt_can_be_changed(material):
    vectors = material / "guide/vectors"
    vkey = (vectors / "vkey.txt").read_text().strip()
    text = (vectors / "example.tlog-proof").read_text()
    chance = random.Random(5)

    for place in range(len(text)):
        other = chance.choice([sign for sign in "Ab0+/=\n\u2014 x" if sign != text[place]])
        with pytest.raises(verify.Refused):
            verify.receipt(text[:place] + other + text[place + 1 :], [vkey])


def test_no_end_of_a_line_can_be_another_empty_sign(material, second):
    vectors = material / "guide/vectors"
    vkey = (vectors / "vkey.txt").read_text().strip()
    text = (vectors / "example.tlog-proof").read_text()

    for place in (place for place, sign in enumerate(text) if sign == "\n"):
        for other in "\t\v\f\r\x1c\x1d\x1e\x1f \x85\u2028":
            changed = text[:place] + other + text[place + 1 :]
            with pytest.raises(verify.Refused):
                verify.receipt(changed, [vkey])
            with pytest.raises((second.NotProven, ValueError, TypeError)):
                second.verify(changed, vkey)


def test_no_byte_of_a_chained_receipt_can_be_changed_for_either_verifier(second):
    signer = notes.Signer("help.example/ledger", bytes(range(32)))
    openings, leaves, signed = chain(signer, 3)
    whole = notes.receipt(2, [tree.node_hash(leaves[0], leaves[1])], signed, openings[::-1])
    chance = random.Random(7)

    for place in range(len(whole)):
        other = chance.choice([sign for sign in "Ab0+/=\n\r\t\u2014 x\x00" if sign != whole[place]])
        changed = whole[:place] + other + whole[place + 1 :]
        with pytest.raises(verify.Refused):
            verify.receipt(changed, [signer.vkey])
        with pytest.raises((second.NotProven, ValueError, TypeError, AttributeError)):
            second.verify(changed, signer.vkey)


def test_no_byte_can_be_added_to_a_receipt_or_taken_from_it(second):
    signer = notes.Signer("help.example/ledger", bytes(range(32)))
    openings, leaves, signed = chain(signer, 3)
    whole = notes.receipt(2, [tree.node_hash(leaves[0], leaves[1])], signed, openings[::-1])

    for place in range(len(whole)):
        for changed in (whole[:place] + whole[place + 1 :], whole[:place] + "A" + whole[place:]):
            with pytest.raises(verify.Refused):
                verify.receipt(changed, [signer.vkey])
            with pytest.raises((second.NotProven, ValueError, TypeError, AttributeError)):
                second.verify(changed, signer.vkey)


def chain(signer: notes.Signer, count: int) -> tuple[list[bytes], list[bytes], str]:
    """The openings and leaves of a request of `count` entries, and the checkpoint over them."""
    openings: list[bytes] = []
    leaves: list[bytes] = []
    for seq in range(1, count + 1):
        previous = leaves[-1].hex() if leaves else ""
        event = commitment.canonical({"v": 1, "seq": seq, "previous": previous})
        openings.append(commitment.new_salt() + event)
        leaves.append(verify.leaf_of(openings[-1][:32], event))
    return openings, leaves, notes.checkpoint(signer, count, tree.root(leaves))


def test_one_signature_holds_a_whole_request_together(second):
    signer = notes.Signer("help.example/ledger", bytes(range(32)))
    openings, leaves, signed = chain(signer, 3)
    way = [tree.node_hash(leaves[0], leaves[1])]

    whole = notes.receipt(2, way, signed, openings[::-1])
    proven = verify.receipt(whole, [signer.vkey])

    assert [event["seq"] for event in proven.events] == [1, 2, 3]
    assert second.verify(whole, signer.vkey)[0] == list(proven.events)


def test_no_entry_in_the_middle_of_a_request_can_be_left_out(second):
    signer = notes.Signer("help.example/ledger", bytes(range(32)))
    openings, leaves, signed = chain(signer, 3)
    way = [tree.node_hash(leaves[0], leaves[1])]

    without = notes.receipt(2, way, signed, [openings[2], openings[0]])

    with pytest.raises(verify.Refused, match="chain"):
        verify.receipt(without, [signer.vkey])
    with pytest.raises(second.NotProven):
        second.verify(without, signer.vkey)


def test_the_verifier_of_the_documentation_agrees_on_every_change(material, second):
    vectors = material / "guide/vectors"
    vkey = (vectors / "vkey.txt").read_text().strip()
    text = (vectors / "example.tlog-proof").read_text()
    chance = random.Random(7)

    assert second.verify(text, vkey)[0] == list(verify.receipt(text, [vkey]).events)
    for place in range(len(text)):
        other = chance.choice([sign for sign in "Ab0+/=\n\u2014 x" if sign != text[place]])
        with pytest.raises((second.NotProven, ValueError, TypeError)):
            second.verify(text[:place] + other + text[place + 1 :], vkey)


def test_a_stranger_reads_at_most_250_lines_to_believe_it():
    assert len(SECOND.read_text().splitlines()) <= 250

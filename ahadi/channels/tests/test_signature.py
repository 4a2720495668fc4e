"""What only this installation can write, and nobody can change unnoticed."""

from __future__ import annotations

import pytest

from ahadi.channels.email import signature

HELP = "help@marlo.example"


@pytest.mark.parametrize("number", [1, 17, 987_654_321_012])
def test_a_return_address_names_its_delivery_whatever_the_case(number):
    address = signature.return_address(number, HELP)

    assert signature.read_return_address(address) == number
    assert signature.read_return_address(f"<{address.upper()}>") == number
    assert len(address.partition("@")[0]) <= 64


def test_a_return_address_with_one_other_character_names_nothing():
    address = signature.return_address(17, HELP)
    start, end = address.index("+") + 2, address.index("@")

    changed = [
        address[:place] + ("3" if address[place] != "3" else "2") + address[place + 1 :]
        for place in range(start, end)
    ]

    assert [signature.read_return_address(text) for text in changed] == [None] * len(changed)


def test_a_return_address_is_no_reply_address_and_the_other_way_round():
    assert signature.read_reply_address(signature.return_address(17, HELP)) is None
    assert signature.read_return_address(signature.reply_address("K7QF-9T2M-XR4D", HELP)) is None


def test_every_id_of_ours_looks_like_ours():
    assert signature.looks_ours(signature.message_id("K7QF-9T2M-XR4D", 2, "marlo.example"))
    assert signature.looks_ours(signature.loose_id("marlo.example"))
    assert not signature.looks_ours("<m.1@post.example>")

from __future__ import annotations

from contextlib import suppress
from itertools import count

import pytest

from ahadi.lib import piece


@pytest.fixture
def read():
    """Says how often it was asked."""
    numbers = count(1)
    return lambda: next(numbers)


def test_outside_of_a_piece_of_work_everything_is_read_every_time(read):
    assert [piece.once("company", read), piece.once("company", read)] == [1, 2]


def test_in_a_piece_of_work_a_thing_is_read_once_and_in_the_next_one_anew(read):
    with piece.of_work():
        first = [piece.once("company", read), piece.once("company", read)]
    with piece.of_work():
        second = piece.once("company", read)

    assert (first, second) == ([1, 1], 2)


def test_a_piece_inside_another_is_part_of_it(read):
    with piece.of_work():
        first = piece.once("company", read)
        with piece.of_work():
            second = piece.once("company", read)
        third = piece.once("company", read)

    assert (first, second, third) == (1, 1, 1)


def test_nothing_is_known_after_a_piece_that_failed(read):
    with suppress(ZeroDivisionError), piece.of_work():
        piece.once("company", read)
        raise ZeroDivisionError

    assert piece.once("company", read) == 2


def test_that_there_is_nothing_is_known_too():
    asked = []

    with piece.of_work():
        for _ in range(2):
            piece.once("letterhead", lambda: asked.append(1))

    assert asked == [1]

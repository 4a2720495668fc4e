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


def test_what_was_found_out_holds_for_a_second_and_not_beyond_a_failure(monkeypatch):
    checked, now = [], [100.0]
    monkeypatch.setattr(piece, "close_old_connections", lambda: checked.append(now[0]))
    monkeypatch.setattr(piece.time, "monotonic", lambda: now[0])
    lately, read = piece.Lately(), []

    def store(fails: bool = False) -> None:
        with lately.holds():
            piece.once("inboxes", lambda: read.append(now[0]))
            if fails:
                raise OSError

    # Two in one second, one in the next, one that fails, and the one after it.
    for moment, fails in [(100.0, False), (100.9, False), (101.0, False), (101.1, True), (101.2, False)]:
        now[0] = moment
        with suppress(OSError):
            store(fails)

    assert checked == read == [100.0, 101.0, 101.2]

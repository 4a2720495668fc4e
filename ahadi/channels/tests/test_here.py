"""What the notes on the board say about talks."""

from __future__ import annotations

from pathlib import Path

import pytest

from ahadi.channels.chat import here
from ahadi.lib.board import Board

COLLEAGUE = [7, "Mara Lind", "ML", ""]


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Board:
    board = Board(tmp_path / "board.sqlite3")
    monkeypatch.setattr(here, "board", lambda: board)
    return board


def test_each_note_is_understood_as_what_it_says(board):
    board.put("HERE", here.WHO, [0, "Ruth", "R", ""], 100)
    board.put("WRITES", here.WRITES, [0, "Ruth", "R", ""], 100)
    board.put("ANSWERED", "7:writes", COLLEAGUE, 100)
    board.put("LOOKED-AT", "7", COLLEAGUE, 100)
    # Somebody types into something that is no ticket.
    board.put("~list", "7:writes", COLLEAGUE, 100)
    board.put("READ", here.TOUCH, 12, 100)

    told = here.told()

    assert (told.present, told.writing) == ({"HERE", "WRITES"}, {"WRITES"})
    assert told.writers == {"ANSWERED": "Mara"}
    assert told.touches == {"READ": 12}


def test_it_is_understood_once_as_long_as_the_board_says_the_same(board):
    board.put("HERE", here.WHO, [0, "Ruth", "R", ""], 100)
    first = here.told()

    assert here.told() is first

    here.stop("ELSEWHERE")
    here.go("HERE")

    assert here.told().present == set()
    assert first.present == {"HERE"}

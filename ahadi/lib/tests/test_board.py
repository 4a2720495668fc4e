"""Short-lived notes that processes share."""

from __future__ import annotations

import threading
import time

import pytest

from ahadi.lib import board as boards
from ahadi.lib.board import Board, Note, SharedBoard


@pytest.fixture(params=["file", "away"])
def board(request, tmp_path):
    """In a file; and what is left while Redis is away."""
    path = tmp_path / "board.sqlite3"
    return Board(path) if request.param == "file" else SharedBoard(path, "redis://127.0.0.1:1/0")


def test_a_note_stands_until_it_is_taken_down(board):
    board.put("K7", "ioana", {"writes": True}, 60)
    board.put("K7", "jonas", [1], 60)
    before = board.read()
    board.take("K7", "jonas")

    assert before == [Note("K7", "ioana", {"writes": True}), Note("K7", "jonas", [1])]
    assert board.read() == before[:1]


def test_a_note_is_over_by_itself(board, monkeypatch):
    board.put("K7", "ioana", 1, 60)
    later = time.time() + 61
    monkeypatch.setattr(boards.time, "time", lambda: later)

    assert board.read() == []
    board.tidy()
    monkeypatch.undo()
    assert board.read() == []


def test_the_mark_changes_when_another_thread_writes(board):
    before = board.mark()
    same = board.mark()

    writer = threading.Thread(target=board.put, args=("K7", "ioana", 1, 60))
    writer.start()
    writer.join()

    assert same == before
    assert board.mark() != before

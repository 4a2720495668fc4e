from __future__ import annotations

import threading
from datetime import timedelta
from unittest.mock import MagicMock

import pytest
from django.db import OperationalError

from ahadi.outbox import worker


@pytest.mark.parametrize(("slow", "begun"), [(0, 0), (1, 0), (2, 1), (5, 1), (6, 0)])
def test_one_more_helps_out_where_all_are_at_something_slow(monkeypatch, slow, begun):
    thread = MagicMock()
    monkeypatch.setattr(worker.threading, "Thread", thread)

    worker._help_out(2, slow)

    assert thread.call_count == begun


def test_a_second_worker_waits_for_its_turn_and_works_only_while_the_first_is_held_up(monkeypatch):
    looks = iter([False, True, False])
    seen: list[str] = []

    def are_held_up():
        held_up = next(looks)
        seen.append("held up" if held_up else "at work")
        if len(seen) == 4:
            worker._turn.release()
        return held_up

    def run_due(limit=1000):
        seen.append(f"{'beside' if worker._turn.locked() and limit < 1000 else 'alone'} {limit}")
        return int(limit < 1000)

    monkeypatch.setattr(worker.jobs, "are_held_up", are_held_up)
    monkeypatch.setattr(worker.jobs, "run_due", run_due)
    monkeypatch.setattr(worker, "MOMENT", timedelta(0))
    worker._turn.acquire()

    worker._take_turns()

    assert seen == ["at work", "held up", "beside 16", "at work", "alone 1000"]
    assert not worker._turn.locked()


def test_a_look_for_work_that_fails_is_followed_by_another(monkeypatch):
    looks = iter([False, False, True])
    monkeypatch.setattr(worker, "life", MagicMock())
    monkeypatch.setattr(worker, "_sweeping", MagicMock(wait=lambda _seconds: next(looks)))
    relieve = MagicMock(side_effect=OperationalError("database is locked"))
    monkeypatch.setattr(worker.jobs, "relieve", relieve)

    sweep = threading.Thread(target=worker._sweep, args=(2,))
    sweep.start()
    sweep.join()

    assert relieve.call_count == 2

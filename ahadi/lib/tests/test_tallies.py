"""Limits hold for all processes together."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
from limits import RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter

from ahadi.lib.memory import Limiter
from ahadi.lib.tallies import TIDY, Tallies


@pytest.fixture
def tallies(tmp_path):
    return Tallies(tmp_path / "tallies.sqlite3")


def hit(path, times: int) -> int:
    limiter = FixedWindowRateLimiter(Tallies(path))
    return sum(limiter.hit(RateLimitItemPerMinute(20), "somebody") for _ in range(times))


def test_several_processes_share_one_limit(tallies):
    tallies.reset()

    with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context("spawn")) as processes:
        let_in = list(processes.map(hit, [tallies.path] * 3, [15] * 3))

    assert sum(let_in) == 20


def test_threads_count_together(tallies):
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: tallies.incr("key", 60), range(40)))

    assert tallies.get("key") == 40


def test_a_count_ends_with_its_time(tallies, monkeypatch):
    tallies.incr("key", 60)
    tallies.incr("other", 600)
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)

    assert tallies.get("key") == 0
    assert tallies.incr("key", 60) == 1
    assert tallies.get("other") == 1


def test_what_is_over_is_cleared_away_now_and_then(tallies, monkeypatch):
    tallies.incr("key", 1)
    later = time.time() + TIDY + 1
    monkeypatch.setattr(time, "time", lambda: later)

    tallies.incr("other", 600)

    # Only what still counts is there to be forgotten.
    assert tallies.reset() == 1


def test_counts_can_be_forgotten(tallies):
    tallies.incr("one", 60)
    tallies.incr("two", 60)

    tallies.clear("one")

    assert (tallies.get("one"), tallies.get("two")) == (0, 1)
    assert tallies.reset() == 1
    assert tallies.check()
    assert tallies.get_expiry("two") <= time.time()


def test_a_disk_that_is_full_counts_in_the_process_and_refuses_nobody(tmp_path):
    limiter, two = Limiter(Tallies(tmp_path / "nowhere" / "tallies.sqlite3")), RateLimitItemPerMinute(2)

    let_in = [limiter.hit(two, "somebody") for _ in range(3)]

    assert let_in == [True, True, False]
    assert not limiter.test(two, "somebody")

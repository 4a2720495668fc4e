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


def test_many_are_counted_at_once_and_each_for_itself(tallies, monkeypatch):
    tallies.incr("one", 60, 5)
    tallies.incr("old", 60)
    later = time.time() + 30
    monkeypatch.setattr(time, "time", lambda: later)

    # What somebody is called may hold any sign, and the order is that of the question.
    assert tallies.incr_each(["two", "one", 'a "key"'], 60) == [1, 6, 1]
    assert tallies.incr_each(["one", 'a "key"'], 60) == [7, 2]
    assert tallies.incr_each([], 60) == []
    assert tallies.incr("two", 60) == 2

    # The first count says when a time is over, also of those counted together later.
    over = later + 31
    monkeypatch.setattr(time, "time", lambda: over)
    assert tallies.incr_each(["old", "one", "two"], 60) == [1, 1, 3]


def test_a_limit_is_the_same_for_one_and_for_many_at_once(tallies):
    limiter, two = Limiter(tallies), RateLimitItemPerMinute(2)

    assert limiter.hit_each(two, ["one", "other"]) == [True, True]
    assert limiter.hit(two, "one")
    assert limiter.hit_each(two, ["one", "other"]) == [False, True]
    assert not limiter.test(two, "other")


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
    together = [limiter.hit_each(two, ["one", "other"]) for _ in range(3)]

    assert let_in == [True, True, False]
    assert together == [[True, True], [True, True], [False, False]]
    assert not limiter.test(two, "somebody")

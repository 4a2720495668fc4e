from __future__ import annotations

import threading

import pytest
from limits import RateLimitItemPerMinute

from ahadi.lib.memory import Cache, Counters, Limiter, is_shared

# Nothing listens on this port.
AWAY = "redis://127.0.0.1:1/0"


@pytest.fixture
def cache() -> Cache:
    return Cache(AWAY, {})


def test_without_redis_each_process_remembers_for_itself(cache):
    cache.set("one", 1)
    cache.set_many({"two": 2, "three": 3})

    assert cache.get("one") == 1
    assert cache.get_many(["two", "three"]) == {"two": 2, "three": 3}
    assert cache.incr("one") == 2
    assert cache.add("one", 5) is False
    assert cache.has_key("two")
    assert cache.delete("two")
    assert cache.get("two") is None


def test_without_redis_everybody_is_still_counted(settings):
    settings.AHADI_REDIS = AWAY
    limiter, two = Limiter(), RateLimitItemPerMinute(2)

    hits = [limiter.hit(two, "somebody") for _ in range(3)]

    assert hits == [True, True, False]
    assert not limiter.test(two, "somebody")
    assert limiter.get_window_stats(two, "somebody").remaining == 0


def test_a_redis_that_is_away_is_not_shared(settings):
    settings.AHADI_REDIS = AWAY

    assert not is_shared()


def test_counters_here_begin_no_thread_and_make_room(monkeypatch):
    monkeypatch.setattr(Counters, "MOST", 3)
    counters, before = Counters(), threading.active_count()

    hits = [counters.incr(f"visitor {number}", expiry=0.0) for number in range(10)]

    assert hits == [1] * 10
    assert len(counters.expirations) <= 5
    assert threading.active_count() <= before

"""What processes remember together: in Redis where there is one, each for itself while that is away."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from limits import RateLimitItem, WindowStats
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter
from redis import Redis
from redis.exceptions import RedisError

from ahadi.lib.tallies import Tallies

log = logging.getLogger("ahadi.memory")

# Failed sign-ins and used codes begin so; the table is made by a migration of `people`.
OF_ALL = "allauth"
TABLE = "ahadi_cache"
# Seconds; a reader waits no longer for a Redis that is not there.
PATIENCE: dict[str, float] = {"socket_connect_timeout": 0.5, "socket_timeout": 1}


def is_shared() -> bool:
    """Redis answers."""
    try:
        return bool(Redis.from_url(settings.AHADI_REDIS, **PATIENCE).ping())
    except RedisError:
        return False


def _spared(name: str) -> Callable[..., Any]:
    shared, own = getattr(RedisCache, name), getattr(LocMemCache, name)

    def ask(cache: Cache, *arguments: Any, **named: Any) -> Any:
        try:
            return shared(cache, *arguments, **named)
        except RedisError as error:
            _tell(error)
            return own(cache.own, *arguments, **named)

    return ask


def _divided(name: str) -> Callable[..., Any]:
    shared, own = getattr(DatabaseCache, name), getattr(LocMemCache, name)

    def ask(cache: Near, key: str, *arguments: Any, **named: Any) -> Any:
        if key.startswith(OF_ALL):
            return shared(cache.shared, key, *arguments, **named)
        return own(cache, key, *arguments, **named)

    return ask


class Cache(RedisCache):
    """Django's cache in Redis, which nobody's request fails for."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = {**PATIENCE, **params.get("OPTIONS", {})}
        super().__init__(server, {**params, "OPTIONS": options})
        self.own = LocMemCache("ahadi-own", {})

    add, get, set, touch, delete = map(_spared, ("add", "get", "set", "touch", "delete"))
    get_many, set_many, delete_many = map(_spared, ("get_many", "set_many", "delete_many"))
    has_key, incr, clear = map(_spared, ("has_key", "incr", "clear"))


class Near(LocMemCache):
    """Django's cache in this process; what decides about signing in is one for all, in the database."""

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(name, params)
        self.shared = DatabaseCache(TABLE, {"OPTIONS": {"MAX_ENTRIES": 100_000}})

    add, get, set, touch, delete, has_key = map(_divided, ("add", "get", "set", "touch", "delete", "has_key"))


class Counters(MemoryStorage):
    """Counters in this process; the library's own begin a thread for every request to clear up."""

    MOST = 10_000

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        # Asking for a counter forgets it when its time is over.
        if self.get(key) == 0 and len(self.expirations) > self.MOST:
            for other in list(self.expirations):
                self.get(other)
        with self.locks[key]:
            self.storage[key] += amount
            if self.storage[key] == amount:
                self.expirations[key] = time.time() + expiry
        return self.storage[key]


class Limiter(FixedWindowRateLimiter):
    """Counts how often somebody asked: in Redis, else in what is given, else in this process."""

    def __init__(self, here: Storage | None = None) -> None:
        url, own = settings.AHADI_REDIS, Counters()
        shared = [storage_from_string(url, **PATIENCE)] if url else []
        stores = [*shared, *([here] if here else []), own]
        super().__init__(stores[0])
        self._sooner = [FixedWindowRateLimiter(store) for store in stores[:-1]]
        self._own = FixedWindowRateLimiter(own)

    def hit(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        return bool(self._ask("hit", item, *identifiers, cost=cost))

    def hit_each(self, item: RateLimitItem, whos: Sequence[str]) -> list[bool]:
        """Count one for each of these different people."""
        if isinstance(self.storage, Tallies):
            try:
                numbers = self.storage.incr_each([item.key_for(who) for who in whos], item.get_expiry())
            except sqlite3.Error as error:
                _tell(error)
            else:
                return [number <= item.amount for number in numbers]
        return [self.hit(item, who) for who in whos]

    def test(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        return bool(self._ask("test", item, *identifiers, cost=cost))

    def get_window_stats(self, item: RateLimitItem, *identifiers: str) -> WindowStats:
        stats: WindowStats = self._ask("get_window_stats", item, *identifiers)
        return stats

    def _ask(self, verb: str, *arguments: Any, **named: Any) -> Any:
        # A full disk or a Redis that is away must not close the doors for customers.
        for limiter in self._sooner:
            try:
                return getattr(limiter, verb)(*arguments, **named)
            except (RedisError, sqlite3.Error) as error:
                _tell(error)
        return getattr(self._own, verb)(*arguments, **named)


def _tell(error: Exception) -> None:
    log.warning("What all processes remember is out of reach; this one remembers for itself: %s", error)

"""What processes remember together: in Redis where there is one, each for itself while that is away."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
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
    """Counts how often somebody asked: in Redis, and here where there is none or while it is away."""

    def __init__(self, here: Storage | None = None) -> None:
        url, here = settings.AHADI_REDIS, here or Counters()
        super().__init__(storage_from_string(url, **PATIENCE) if url else here)
        self._own = FixedWindowRateLimiter(here)

    def hit(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        try:
            return super().hit(item, *identifiers, cost=cost)
        except RedisError as error:
            _tell(error)
            return self._own.hit(item, *identifiers, cost=cost)

    def test(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        try:
            return super().test(item, *identifiers, cost=cost)
        except RedisError as error:
            _tell(error)
            return self._own.test(item, *identifiers, cost=cost)

    def get_window_stats(self, item: RateLimitItem, *identifiers: str) -> WindowStats:
        try:
            return super().get_window_stats(item, *identifiers)
        except RedisError as error:
            _tell(error)
            return self._own.get_window_stats(item, *identifiers)


def _tell(error: RedisError) -> None:
    log.warning("Redis does not answer, so this process remembers for itself: %s", error)

"""How much one token may ask in a minute."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

from limits import RateLimitItemPerMinute

from ahadi.api.models import Token
from ahadi.api.problems import Problem
from ahadi.lib import clock
from ahadi.lib.memory import Limiter

# Far above what one program needs, low enough that a loop gone wild leaves room for the others.
PER_MINUTE = RateLimitItemPerMinute(30_000)


def take(token: Token) -> Mapping[str, str]:
    """Count one request and return the headers that tell what is left; raises Problem when nothing is."""
    is_left = limiter().hit(PER_MINUTE, str(token.pk))
    window = limiter().get_window_stats(PER_MINUTE, str(token.pk))
    seconds = max(0, math.ceil(window.reset_time - clock.now().timestamp()))
    headers = {
        "RateLimit-Policy": f'"default";q={PER_MINUTE.amount};w=60',
        "RateLimit": f'"default";r={window.remaining};t={seconds}',
    }
    if not is_left:
        detail = f"More than {PER_MINUTE.amount} requests in a minute; try again in {seconds} seconds."
        raise Problem(429, "quota_exceeded", detail, headers={**headers, "Retry-After": str(seconds)})
    return headers


@cache
def limiter() -> Limiter:
    """The counter of what programs ask."""
    return Limiter()

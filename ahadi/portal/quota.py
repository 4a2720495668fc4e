"""How often one place may ask: far above what a person needs, far below what guessing needs."""

from __future__ import annotations

import logging
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute

from ahadi.lib.memory import Limiter
from ahadi.lib.tallies import Tallies

log = logging.getLogger("ahadi.portal")

REQUESTS = RateLimitItemPerHour(20, namespace="ask")
# Corrections count here: every one may leave files behind.
ATTEMPTS = RateLimitItemPerHour(60, namespace="attempt")
# Each one makes a telephone ring somewhere.
CALLS = RateLimitItemPerHour(6, namespace="call")
MESSAGES = RateLimitItemPerHour(60, namespace="message")
LOOKUPS = RateLimitItemPerMinute(10, namespace="lookup")
MORE_LOOKUPS = RateLimitItemPerHour(100, namespace="lookups")
PROOFS = RateLimitItemPerHour(30, namespace="proof")
# Wrong codes from the whole world: beyond this somebody is guessing, and everybody looks up more slowly.
WRONG = RateLimitItemPerHour(30, namespace="wrong")
SLOW_LOOKUPS = RateLimitItemPerMinute(3, namespace="slow")


def take(request: HttpRequest, *items: RateLimitItem) -> bool:
    """Count one request against each of these; False when one of them is used up."""
    place = request.META.get("REMOTE_ADDR", "")
    return all(limiter().hit(item, place) for item in items)


def take_lookup(request: HttpRequest) -> bool:
    """Count one look at a request by its code alone."""
    if not limiter().test(WRONG, "world") and not take(request, SLOW_LOOKUPS):
        return False
    return take(request, LOOKUPS, MORE_LOOKUPS)


def tell_wrong() -> None:
    """Count a code that belongs to no request; too many of them are told to the administrator's log."""
    if not limiter().hit(WRONG, "world"):
        log.warning(
            "More than %s wrong tracking codes within an hour: somebody may be guessing.", WRONG.amount
        )


@cache
def limiter() -> Limiter:
    """The counter, shared by all processes of this machine, and of all machines where there is Redis."""
    return Limiter(Tallies(settings.AHADI_DATA / "tallies.sqlite3"))

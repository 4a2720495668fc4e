"""How often one panel or one network may ask: far above what people need."""

from __future__ import annotations

import math
import time
from functools import cache

from django.conf import settings
from django.utils.translation import gettext as _
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute, RateLimitItemPerSecond

from ahadi.lib.memory import Limiter
from ahadi.lib.tallies import Tallies
from ahadi.widget.problems import Problem

SESSIONS = RateLimitItemPerHour(120, namespace="chat.session")
PROOFS = RateLimitItemPerHour(60, namespace="chat.proof")
TALKS = RateLimitItemPerHour(30, namespace="chat.talk")
MESSAGES = RateLimitItemPerMinute(40, namespace="chat.message")
FILES = RateLimitItemPerHour(60, namespace="chat.file")
TYPING = RateLimitItemPerSecond(2, namespace="chat.typing")
CALLS = RateLimitItemPerMinute(240, namespace="chat.call")


def take(item: RateLimitItem, who: str | int) -> None:
    """Count one; raises Problem 429 with the time to wait where it was used up."""
    if limiter().hit(item, str(who)):
        return
    reset = limiter().get_window_stats(item, str(who)).reset_time
    wait = max(1, math.ceil(reset - time.time()))
    detail = _("That was a lot at once. Please try again in a moment.")
    raise Problem(429, "too-many", detail, {"Retry-After": str(wait)})


@cache
def limiter() -> Limiter:
    """The counter, shared by all processes of this machine, and of all machines where there is Redis."""
    return Limiter(Tallies(settings.AHADI_DATA / "tallies.sqlite3"))

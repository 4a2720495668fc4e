"""Work that happens after commit: at least once, in order, visible when it fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class NotNow(Exception):
    """Raised by a job that could foresee this: nothing is wrong here, and trying again later can help."""


# Seconds for which what nobody waits for lets pass by what people said: a flood of mails is read, and answers
# to it leave, before the machine's own words do; after that time it waits no longer than anything else.
CAN_WAIT = 30.0


def put(
    name: str, payload: dict[str, Any], order_by: str = "", delay: float = 0, can_wait: float = 0
) -> None:
    """Write a job into the transaction of the change that needs it; see outbox.jobs.put."""
    from ahadi.outbox import jobs

    jobs.put(name, payload, order_by, delay, can_wait)


def put_all(name: str, wanted: Sequence[tuple[dict[str, Any], str]]) -> None:
    """The same for several jobs of one name, by their payloads and what they are ordered by."""
    from ahadi.outbox import jobs

    jobs.put_all(name, wanted)

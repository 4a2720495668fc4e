"""Work that happens after commit: at least once, in order, visible when it fails."""

from __future__ import annotations

from typing import Any


class NotNow(Exception):
    """Raised by a job that could foresee this: nothing is wrong here, and trying again later can help."""


def put(name: str, payload: dict[str, Any], order_by: str = "", delay: float = 0) -> None:
    """Write a job into the transaction of the change that needs it; see outbox.jobs.put."""
    from ahadi.outbox import jobs

    jobs.put(name, payload, order_by, delay)

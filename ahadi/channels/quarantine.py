"""Letting go what was put aside."""

from __future__ import annotations

from ahadi.channels.models import RawMessage
from ahadi.tickets.models import Entry


def release(raw: RawMessage) -> Entry:
    """Make of a quarantined message what it would have been; its sender gets no acknowledgement."""
    from ahadi.channels.email import inbound

    if raw.outcome == RawMessage.Outcome.QUARANTINE:
        inbound.take_in(raw, released=True)
    raw.refresh_from_db()
    if raw.entry is None:
        raise ValueError(f"{raw} has not been read yet.")
    return raw.entry

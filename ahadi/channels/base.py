"""What every channel is: a way to take something in and a way to send something out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ahadi.outbox import NotNow
from ahadi.tickets.intake import Inbound

if TYPE_CHECKING:
    from ahadi.channels.models import Delivery, RawMessage

__all__ = ["NOBODY", "Channel", "ChannelError", "Doubtful", "Inbound"]

# The sender of reports and of automatic answers (RFC 5321, section 4.5.5); no sender at all is not known.
NOBODY = "<>"


class ChannelError(NotNow):
    """Something was not taken by the other side; `permanent` says whether trying again can help."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class Doubtful(Exception):
    """The connection broke after the text was handed over: nobody knows whether it was taken."""


class Channel(Protocol):
    """One way in and out."""

    code: str

    def take_in(self, raw: RawMessage) -> None:
        """Turn a stored raw message into an entry or a quarantine row; idempotent."""

    def send(self, delivery: Delivery) -> None:
        """Hand one delivery over: `begin` it just before, let it `arrive` after; raises the two errors."""

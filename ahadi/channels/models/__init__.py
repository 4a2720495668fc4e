"""Inboxes, raw messages as they came, and what became of everything sent."""

from ahadi.channels.models.delivery import Delivery, OutgoingMail
from ahadi.channels.models.guest import GuestCode, GuestLink
from ahadi.channels.models.inbox import Inbox
from ahadi.channels.models.raw import RawMessage

__all__ = ["Delivery", "GuestCode", "GuestLink", "Inbox", "OutgoingMail", "RawMessage"]

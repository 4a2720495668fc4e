"""How a customer wants to be reached: obeyed, or broken with a reason that is written down."""

from __future__ import annotations

from ahadi.people.models import Agent
from ahadi.tickets.models import Entry, Ticket


class Unwanted(ValueError):
    """The customer does not want to be reached this way, and no reason was given for doing it."""


def is_unwanted(ticket: Ticket, channel: str) -> bool:
    """The customer said: never by this channel."""
    return channel in ticket.requester.avoided


def respect(ticket: Ticket, channel: str, reason: str, *, by: Agent) -> Entry | None:
    """Write down why a wish is not followed; without a reason it has to be."""
    if not is_unwanted(ticket, channel):
        return None
    if not reason.strip():
        raise Unwanted(channel)
    return ticket.change("against_wish", {"channel": channel, "reason": reason.strip()[:250]}, by)

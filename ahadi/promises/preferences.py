"""How a customer wants to be reached: obeyed, or broken with a reason that is written down."""

from __future__ import annotations

from datetime import datetime

from ahadi.calendars import Calendar
from ahadi.people.models import Agent, Company, Customer
from ahadi.tickets.models import Entry, Ticket

NEVER, HOURS = "never", "hours"


class Unwanted(ValueError):
    """The customer does not want to be reached this way, and no reason was given for doing it."""


def objection(ticket: Ticket, channel: str, at: datetime | None = None) -> str:
    """What the customer said against it: never by this channel, or not at this time; empty for nothing."""
    customer = ticket.requester
    if channel in customer.avoided:
        return NEVER
    if at is None:
        return ""
    hours = hours_of(customer)
    return HOURS if hours is not None and not hours.is_open(at) else ""


def is_unwanted(ticket: Ticket, channel: str) -> bool:
    """The customer said: never by this channel."""
    return bool(objection(ticket, channel))


def hours_of(customer: Customer) -> Calendar | None:
    """When somebody may be called, by their own clock; None where they did not say."""
    if not customer.reach_hours:
        return None
    zone = customer.time_zone or Company.current().time_zone
    return Calendar.from_dict({"timezone": zone, "hours": customer.reach_hours, "holidays": {}})


def next_time(customer: Customer, at: datetime) -> datetime:
    """The moment itself, or the first one after it at which they may be called."""
    hours = hours_of(customer)
    if hours is None or hours.is_open(at):
        return at
    return hours.next_opening(at) or at


def respect(
    ticket: Ticket, channel: str, reason: str, *, by: Agent, at: datetime | None = None
) -> Entry | None:
    """Write down why a wish is not followed; without a reason it has to be."""
    against = objection(ticket, channel, at)
    if not against:
        return None
    if not reason.strip():
        raise Unwanted(against)
    data = {"channel": channel, "reason": reason.strip()[:250], "wish": against}
    return ticket.change("against_wish", data, by)

"""No customer waits longer than the rhythm without a word from a person."""

from __future__ import annotations

from datetime import datetime

from ahadi.tickets import targets
from ahadi.tickets.models import Ticket


class TooLong(ValueError):
    """The customer would wait longer for news than the company allows itself; `latest` is the limit."""

    def __init__(self, latest: datetime) -> None:
        super().__init__(f"News is due by {latest.isoformat()}.")
        self.latest = latest


def latest(ticket: Ticket, said: datetime) -> datetime:
    """By when somebody who was told something at this moment has to hear from us again."""
    return targets.news_due(ticket.team, said)


def check(ticket: Ticket, due: datetime, said: datetime) -> None:
    """Refuse a promise that lets the customer wait beyond the rhythm."""
    limit = latest(ticket, said)
    # Times are typed to the minute.
    if due.replace(second=0, microsecond=0) > limit:
        raise TooLong(limit)

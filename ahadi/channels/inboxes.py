"""Which of our addresses a mail came to, and which one an answer leaves from."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings

from ahadi.channels.models import Inbox, RawMessage
from ahadi.people.models import Company
from ahadi.tickets.models import Ticket


def find(recipients: Iterable[str]) -> Inbox | None:
    """The active inbox that one of these addresses names, with or without a token behind a plus sign."""
    wanted = list(dict.fromkeys(base(address) for address in recipients if "@" in address))
    if not wanted:
        return None
    known = {inbox.address.lower(): inbox for inbox in Inbox.objects.filter(is_active=True)}
    return next((known[address] for address in wanted if address in known), None)


def of(ticket: Ticket) -> Inbox:
    """Where the ticket came in, else the inbox of its team, else the first, else one named after the site."""
    came = (
        RawMessage.objects.filter(entry__ticket=ticket, inbox__is_active=True)
        .select_related("inbox")
        .order_by("pk")
        .first()
    )
    if came is not None and came.inbox is not None:
        return came.inbox
    active = Inbox.objects.filter(is_active=True)
    return active.filter(team=ticket.team_id).first() or active.first() or unnamed()


def unnamed() -> Inbox:
    """What stands in for an inbox until an administrator has added one; it is not stored."""
    return Inbox(name=Company.current().name, address=f"support@{urlsplit(settings.AHADI_URL).hostname}")


def is_ours(address: str) -> bool:
    """Mail to this address comes to us."""
    plain = base(address)
    return plain == unnamed().address.lower() or Inbox.objects.filter(address__iexact=plain).exists()


def base(address: str) -> str:
    """The address without what stands behind a plus sign, in lower case."""
    local, _at, domain = address.strip().strip("<>").lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"

"""Who takes part in a ticket beside its requester: an agent says so, and nothing older is shown to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from ahadi.channels import inboxes, links
from ahadi.channels.models import Participant
from ahadi.lib import clock
from ahadi.people import identify
from ahadi.people.models import Address, Agent
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import Said

# More are a mailing list.
MOST = 20


class Full(Exception):
    """No more people can take part."""


class NotPossible(ValueError):
    """This address cannot take part: it is no mail address, or one of ours."""


def of(ticket: Ticket) -> list[Participant]:
    """Those who take part now, in the order in which they joined."""
    joined = Participant.objects.filter(ticket=ticket, removed=None)
    return list(joined.select_related("address__customer").order_by("pk"))


@transaction.atomic
def add(ticket: Ticket, value: str, *, by: Agent, name: str = "") -> Participant | None:
    """Let somebody take part from now on; None where they already do."""
    ticket.lock()
    try:
        address = identify.find_or_create(Address.Kind.EMAIL, value, name)
    except identify.Unreadable as error:
        raise NotPossible(value) from error
    if inboxes.is_ours(address.value):
        raise NotPossible(value)
    if address.pk == ticket.address_id:
        return None
    joined = Participant.objects.filter(ticket=ticket, removed=None)
    if joined.filter(address=address).exists():
        return None
    if joined.count() >= MOST:
        raise Full
    entry = ticket.append(_event("participant_added", address, by))
    return Participant.objects.create(ticket=ticket, address=address, after=entry.seq, added_by=by)


@transaction.atomic
def remove(ticket: Ticket, address: Address, *, by: Agent) -> bool:
    """Take somebody off: their links close and no answer goes to them any more."""
    ticket.lock()
    joined = Participant.objects.filter(ticket=ticket, address=address, removed=None)
    if not joined.update(removed=clock.now()):
        return False
    links.revoke(ticket, address)
    ticket.append(_event("participant_removed", address, by))
    return True


@transaction.atomic
def pass_over(ticket: Ticket, value: str, *, by: Agent) -> None:
    """Never propose this address for this ticket again."""
    try:
        address = identify.find_or_create(Address.Kind.EMAIL, value)
    except identify.Unreadable as error:
        raise NotPossible(value) from error
    if not Participant.objects.filter(ticket=ticket, address=address).exists():
        now = clock.now()
        Participant.objects.create(
            ticket=ticket, address=address, after=ticket.last_seq, added_by=by, removed=now
        )


def proposed(known: Iterable[str], messages: Iterable[Mapping[str, Any]]) -> list[str]:
    """The addresses that the requester copied in and nobody has decided about; `known` are decided."""
    decided = {value.lower() for value in known}
    copied = dict.fromkeys(str(value).lower() for data in messages for value in data.get("cc", ()))
    waiting = [value for value in copied if value not in decided]
    # Asked once, and only where somebody was copied in: this stands on every page of a ticket.
    ours = inboxes.own() if waiting else set()
    return [value for value in waiting if inboxes.base(value) not in ours][:MOST]


def _event(code: str, address: Address, by: Agent) -> Said:
    data = {"address": address.shown, "name": address.customer.name}
    return Said(kind=Entry.Kind.EVENT, code=code, data=data, by=by)

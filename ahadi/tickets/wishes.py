"""How a customer wants to hear of a request: what they chose on its page, written into its history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from ahadi.people.models import Address
from ahadi.tickets import preferred
from ahadi.tickets.models import Entry, Ticket, Words
from ahadi.tickets.said import Kind, Said

CODE = preferred.WISHES


@transaction.atomic
def wish(ticket: Ticket, address: Address, wishes: Mapping[str, Any]) -> Entry | None:
    """Keep what the person wishes for all their requests, and for this one; None for nothing new."""
    customer = address.customer
    chosen = {name: value for name, value in wishes.items() if name != "only_late"}
    is_quiet = bool(wishes.get("only_late"))
    new = {name: value for name, value in chosen.items() if value != getattr(customer, name)}
    # Letters of this request and whoever gets it go by its language.
    changes: dict[str, Any] = (
        {"language": wishes["language"]} if wishes.get("language", ticket.language) != ticket.language else {}
    )
    if not new and not changes and is_quiet == only_if_late(ticket):
        return None
    for name, value in new.items():
        setattr(customer, name, value)
    if new:
        customer.save(update_fields=list(new))
    place = preferred.address(ticket.address, customer)
    if place != ticket.address:
        changes["address"] = place
    data = {**new, "only_late": is_quiet}
    return ticket.append(Said(kind=Kind.EVENT, code=CODE, data=data, by=customer, address=address), **changes)


def only_if_late(ticket: Ticket) -> bool:
    """Machines of ours write about this request only when a promise does not hold."""
    newest = Words.objects.filter(entry__ticket=ticket, entry__code=CODE).order_by("-entry__seq").first()
    return bool(newest and newest.data.get("only_late"))

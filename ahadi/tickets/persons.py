"""That two customers are one person, said from a ticket, whose history keeps who said so and when."""

from __future__ import annotations

from django.db import transaction

from ahadi.people import merging
from ahadi.people.models import Agent, Customer
from ahadi.tickets.models import Entry, Ticket


@transaction.atomic
def merge(ticket: Ticket, other: Customer, *, by: Agent) -> Entry:
    """See another customer as the person who asked this ticket; raises merging.NotPossible."""
    ticket.lock()
    merged = merging.merge(other, into=ticket.requester)
    return ticket.change("person_merged", _told(merged), by)


@transaction.atomic
def unmerge(ticket: Ticket, other: Customer, *, by: Agent) -> Entry | None:
    """Two people after all; None where they were that already."""
    ticket.lock()
    return ticket.change("person_unmerged", _told(other), by) if merging.unmerge(other) else None


def _told(customer: Customer) -> dict[str, str | int]:
    return {"customer": customer.pk, "name": str(customer)}

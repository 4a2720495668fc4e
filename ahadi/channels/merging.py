"""Merging tickets of one customer or of several: nobody sees by it what was said to somebody else."""

from __future__ import annotations

from django.db import transaction

from ahadi.channels import participants
from ahadi.channels.models import Participant
from ahadi.people.models import Agent
from ahadi.tickets import merging
from ahadi.tickets.merging import NotPossible
from ahadi.tickets.models import Entry, Ticket

__all__ = ["NotPossible", "merge", "unmerge"]


@transaction.atomic
def merge(ticket: Ticket, into: Ticket, *, by: Agent, let_in: bool = False) -> Entry:
    """Let a ticket go on in another; `let_in` lets its people take part there from now on."""
    into = into.living
    entry = merging.merge(ticket, into, by=by, is_shared=let_in)
    if let_in:
        for value in _people(ticket, into):
            try:
                participants.add(into, value, by=by)
            except participants.NotPossible as error:
                # Somebody without a mail address would hear nothing any more.
                raise NotPossible("unreachable") from error
    return entry


@transaction.atomic
def unmerge(ticket: Ticket, *, by: Agent) -> Entry | None:
    """Take it apart; a customer who took part in the other ticket only because of it leaves that one."""
    into = ticket.merged_into
    entry = merging.unmerge(ticket, by=by)
    if entry and into and ticket.address and ticket.requester_id != into.requester_id:
        participants.remove(into, ticket.address, by=by)
    return entry


def _people(ticket: Ticket, into: Ticket) -> list[str]:
    joined = Participant.objects.filter(ticket=ticket, removed=None).select_related("address").order_by("pk")
    found = [each.address for each in joined]
    if ticket.requester_id != into.requester_id:
        if ticket.address is None:
            raise NotPossible("unreachable")
        found.insert(0, ticket.address)
    return [each.value for each in found if each.customer_id != into.requester_id]

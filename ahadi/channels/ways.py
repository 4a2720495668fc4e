"""Another way to somebody whom a mail did not reach."""

from __future__ import annotations

from django.db import transaction

from ahadi import outbox
from ahadi.channels.models import Delivery
from ahadi.channels.reactions import can_mail
from ahadi.lib import clock
from ahadi.people.models import Address, Agent
from ahadi.tickets import targets
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import Said


class NotPossible(ValueError):
    """The words cannot go there: no mail address, or one of somebody else."""


@transaction.atomic
def send(delivery: Delivery, address: Address, *, by: Agent) -> Delivery:
    """The same words to another address of the same person, where answers go from now on."""
    ticket = delivery.entry.ticket
    ticket.lock()
    if (
        delivery.address is None
        or address.customer_id != delivery.address.customer_id
        or not can_mail(address)
    ):
        raise NotPossible(address)
    again, is_new = Delivery.objects.get_or_create(
        entry=delivery.entry,
        address=address,
        defaults={"channel": "email", "message_id": delivery.message_id},
    )
    if not is_new:
        return again
    ticket.append(_event(delivery, address, by), **_turn(ticket, delivery, address))
    outbox.put("channels.send", {"delivery_id": again.pk}, order_by=ticket.number)
    return again


def _event(delivery: Delivery, address: Address, by: Agent) -> Said:
    data = {"to": address.shown, "entry": delivery.entry.seq}
    return Said(kind=Entry.Kind.EVENT, code="other_way", data=data, by=by)


def _turn(ticket: Ticket, delivery: Delivery, address: Address) -> dict[str, object]:
    """The ticket goes on as after any answer: the way is found, and news is what is owed next."""
    changes: dict[str, object] = {}
    if ticket.address_id == delivery.address_id:
        changes["address"] = address
    if ticket.step_code == Ticket.Step.DELIVERY:
        due = targets.news_due(ticket.team, clock.now())
        changes |= {"step_code": Ticket.Step.NEWS, "step_text": "", "due": due}
    return changes

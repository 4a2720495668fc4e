"""What the ways out do when something is added to a ticket."""

from __future__ import annotations

from ahadi import outbox
from ahadi.channels import absences, inboxes, links, notices, restraint, suppressions
from ahadi.channels.email import letters, outbound
from ahadi.channels.models import Delivery, Participant, Talk
from ahadi.lib.fresh import make
from ahadi.lib.question import Question
from ahadi.lib.statement import insert
from ahadi.people.models import Address
from ahadi.tickets.models import Entry, Ticket


def welcome(entry: Entry) -> None:
    """Whoever writes by mail is there: nobody is away any more, and their mailbox exists."""
    address = entry.address
    if address is None or entry.automatic or entry.channel != "email" or not restraint.is_noted(address):
        return
    suppressions.lift(address)
    absences.end(address)


def acknowledge(entry: Entry) -> None:
    """Tell the customer at once that it arrived, who reads it and by when they hear from us; once."""
    if entry.seq != 1 or entry.kind != Entry.Kind.MESSAGE or entry.automatic:
        return
    ticket, data = entry.ticket, entry.words.data
    if ticket.address is None or not can_mail(ticket.address) or data.get("no_acknowledgement"):
        return
    notices.say(
        ticket,
        restraint.ACKNOWLEDGEMENT,
        lambda: letters.acknowledgement(ticket, ticket.due, words=entry.words),
        {"due": ticket.due.isoformat() if ticket.due else ""},
        inbox=data.get("inbox") or 0,
    )


def deliver(entry: Entry) -> None:
    """Send every public word of ours to all who take part, after commit; a machine speaks to one only."""
    if entry.kind != Entry.Kind.REPLY:
        return
    ticket = entry.ticket
    _put(entry, ticket.address)
    if not entry.automatic and _OTHERS.rows(ticket.pk):
        for address in links.recipients_of(ticket):
            if address.pk != ticket.address_id:
                _put(entry, address)


def _put(entry: Entry, address: Address | None) -> None:
    ticket = entry.ticket
    if address is not None and _is_talking(ticket, address):
        # Whoever has left without seeing it is sent everything at once, by a round of the worker.
        insert(make(Delivery, entry=entry, address=address, channel="chat", automatic=entry.automatic))
        return
    if address is None or not can_mail(address):
        kept = make(
            Delivery,
            entry=entry,
            address=address,
            channel=ticket.channel,
            automatic=entry.automatic,
            state=Delivery.State.KEPT,
        )
        insert(kept)
        return
    delivery = make(
        Delivery,
        entry=entry,
        address=address,
        channel="email",
        automatic=entry.automatic,
        message_id=outbound.message_id_of(ticket, entry.seq, inboxes.of(ticket)),
    )
    insert(delivery)
    # Each reader has a line of their own: one busy server holds nobody else up.
    line = ticket.number if address.pk == ticket.address_id else f"{ticket.number}/{address.pk}"
    can_wait = outbox.CAN_WAIT if entry.automatic else 0
    outbox.put("channels.send", {"delivery_id": delivery.pk}, order_by=line, can_wait=can_wait)


def _is_talking(ticket: Ticket, address: Address) -> bool:
    is_own = ticket.channel == "chat" and address.pk == ticket.address_id
    return is_own and Talk.objects.filter(pk=ticket.pk, ended=None).exists()


def can_mail(address: Address) -> bool:
    """A mail address that somebody may read, and that is not our own."""
    if address.kind != Address.Kind.EMAIL or address.value.endswith(".invalid"):
        return False
    # Other letters than ASCII need a road of servers that all know SMTPUTF8.
    if not address.value.isascii():
        return False
    return not inboxes.is_ours(address.value)


_OTHERS = Question(
    lambda ticket: Participant.objects.filter(ticket=ticket, removed=None).values_list("pk")[:1]
)

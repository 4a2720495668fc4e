"""What the ways out do when something is added to a ticket."""

from __future__ import annotations

from datetime import timedelta

from ahadi import outbox
from ahadi.channels import inboxes
from ahadi.channels.email import letters, outbound
from ahadi.channels.models import Delivery
from ahadi.lib import clock
from ahadi.people.models import Address
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import Said

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)
# Acknowledgements to one address: one an hour and four a day, so that two machines fall silent.
PER_HOUR, PER_DAY = 1, 4
# After as many with the same subject within a day the next one would say nothing new.
SAME_SUBJECT = 2
# To addresses that nobody has proven, from the whole house: a wave of forged senders ends here.
BREAKER, BREAKER_TIME = 1_000, timedelta(minutes=10)


def acknowledge(entry: Entry) -> None:
    """Tell the customer at once that it arrived, who reads it and by when they hear from us; once."""
    if entry.seq != 1 or entry.kind != Entry.Kind.MESSAGE or entry.automatic:
        return
    ticket = entry.ticket
    address = ticket.address
    if address is None or not can_mail(address) or entry.words.data.get("no_acknowledgement"):
        return
    if not _may_acknowledge(ticket, address):
        return
    with letters.language_of(ticket):
        text = letters.text_of(letters.acknowledgement(ticket, ticket.due))
    ticket.append(
        Said(
            kind=Entry.Kind.REPLY,
            code="acknowledgement",
            text=text,
            automatic=True,
            channel="email",
            language=ticket.language,
            data={"due": ticket.due.isoformat() if ticket.due else ""},
        )
    )


def deliver(entry: Entry) -> None:
    """Send every public word of ours to the address of its ticket, after commit."""
    if entry.kind != Entry.Kind.REPLY:
        return
    ticket = entry.ticket
    address = ticket.address
    if address is None or not can_mail(address):
        Delivery.objects.create(
            entry=entry,
            address=address,
            channel=ticket.channel,
            automatic=entry.automatic,
            state=Delivery.State.KEPT,
        )
        return
    delivery = Delivery.objects.create(
        entry=entry,
        address=address,
        channel="email",
        automatic=entry.automatic,
        message_id=outbound.message_id_of(ticket, entry.seq, inboxes.of(ticket)),
    )
    outbox.put("channels.send", {"delivery_id": delivery.pk}, order_by=ticket.number)


def can_mail(address: Address) -> bool:
    """A mail address that somebody may read, and that is not our own."""
    if address.kind != Address.Kind.EMAIL or address.value.endswith(".invalid"):
        return False
    # Other letters than ASCII need a road of servers that all know SMTPUTF8.
    if not address.value.isascii():
        return False
    return not inboxes.is_ours(address.value)


def _may_acknowledge(ticket: Ticket, address: Address) -> bool:
    now = clock.now()
    told = Delivery.objects.filter(address=address, automatic=True)
    if told.filter(created__gt=now - HOUR).count() >= PER_HOUR:
        return False
    if told.filter(created__gt=now - DAY).count() >= PER_DAY:
        return False
    same = Ticket.objects.filter(requester=ticket.requester_id, opened__gt=now - DAY, subject=ticket.subject)
    if same.count() > SAME_SUBJECT:
        return False
    if address.proven is not None:
        return True
    recent = Delivery.objects.filter(automatic=True, address__proven=None, created__gt=now - BREAKER_TIME)
    return recent.count() < BREAKER

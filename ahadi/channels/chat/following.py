"""After whoever has left: one mail with what they missed, and a talk that nobody sits in is over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from ahadi import outbox
from ahadi.automation import speaking
from ahadi.channels import inboxes
from ahadi.channels.chat import here, talks
from ahadi.channels.email import outbound
from ahadi.channels.models import Delivery, Line, Talk, Upload, Visitor
from ahadi.channels.reactions import can_mail
from ahadi.lib import clock
from ahadi.people.models import Address
from ahadi.tickets.models import Entry, Ticket

# Unseen for so long, and the visitor has gone: it is sent after them (rule W-33).
UNSEEN = timedelta(minutes=5)
# Somebody who writes on and on is not waited for longer than this.
LONGEST = timedelta(minutes=15)
# Nobody sits in a talk in which nothing was said for so long.
IDLE = timedelta(minutes=30)
MOST = 200


def attend() -> int:
    """Send after those who have left, and end what is over; returns for how many talks something was done."""
    unseen = Talk.objects.filter(last_line__gt=F("seen_line")).filter(last_line__gt=F("followed_line"))
    quiet = Ticket.objects.filter(updated__lt=clock.now() - IDLE)
    idle = Talk.objects.filter(quiet.named_by("ticket"), ended=None)
    found = [*unseen.select_related("ticket")[:MOST], *idle.select_related("ticket")[:MOST]]
    if not found:
        return 0
    there = here.told().present
    gone = {talk.pk: talk for talk in found if talk.ticket.number not in there}
    return sum(_attend(talk) for talk in gone.values())


def tidy() -> int:
    """Forget whoever only looked, and files that no message took; returns how many rows went."""
    now = clock.now()
    files, _kinds = Upload.objects.filter(created__lt=now - timedelta(days=1)).delete()
    gone = Visitor.objects.filter(customer=None, seen__lt=now - talks.REMEMBERED)
    visitors, _kinds = gone.filter(uploads=None).delete()
    return files + visitors


@transaction.atomic
def _attend(talk: Talk) -> bool:
    ticket = Ticket.objects.select_related("address", "requester").get(pk=talk.ticket_id)
    ticket.lock()
    talk = Talk.objects.get(pk=talk.pk)
    missed = list(
        Line.objects.filter(
            talk=talk,
            seq__gt=max(talk.seen_line, talk.followed_line),
            entry__kind=Entry.Kind.REPLY,
            entry__automatic=False,
        )
        .select_related("entry")
        .order_by("seq")
    )
    if not missed:
        return _close(talk, ticket)
    if not _is_time(missed, clock.now()):
        return False
    if ticket.address is not None and can_mail(ticket.address):
        _send(ticket, ticket.address, [line.entry for line in missed])
    else:
        Delivery.objects.filter(
            entry__in=[line.entry_id for line in missed], state=Delivery.State.QUEUED
        ).update(state=Delivery.State.KEPT)
    Talk.objects.filter(pk=talk.pk).update(followed_line=talk.last_line)
    _end(talk, ticket)
    return True


def _close(talk: Talk, ticket: Ticket) -> bool:
    """Nothing of a person's was missed: it is over when nothing was said for long."""
    is_idle = ticket.updated < clock.now() - IDLE
    if is_idle:
        Talk.objects.filter(pk=talk.pk).update(followed_line=talk.last_line)
        _end(talk, ticket)
    return is_idle


def _is_time(missed: list[Line], now: datetime) -> bool:
    return missed[-1].entry.at <= now - UNSEEN or missed[0].entry.at <= now - LONGEST


def _send(ticket: Ticket, address: Address, missed: Iterable[Entry]) -> None:
    """All of it in the mail that brings the newest."""
    *earlier, newest = missed
    for entry in earlier:
        _put(entry, address, Delivery.State.KEPT, channel=speaking.CHANNEL)
    message_id = outbound.message_id_of(ticket, newest.seq, inboxes.of(ticket))
    delivery = _put(newest, address, Delivery.State.QUEUED, channel="email", message_id=message_id)
    outbox.put("channels.send", {"delivery_id": delivery.pk}, order_by=ticket.number)


def _put(entry: Entry, address: Address, state: str, **columns: str) -> Delivery:
    # Written before the visitor said where to reach them, it has a delivery to nobody.
    Delivery.objects.filter(entry=entry, address=None).delete()
    found, _is_new = Delivery.objects.update_or_create(
        entry=entry, address=address, defaults={"state": state, **columns}
    )
    return found


def _end(talk: Talk, ticket: Ticket) -> None:
    if talk.ended is None:
        talk.ticket = ticket
        talks.end(talk, is_gone=True)
        # Its own last line is not missed.
        Talk.objects.filter(pk=talk.pk).update(followed_line=F("last_line"))

"""Answers of machines to mails of ours: which one they answer, and until when their owner is away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ahadi.calendars.absence import back_on
from ahadi.channels import absences
from ahadi.channels.email import Mail, new_text
from ahadi.channels.models import Delivery, RawMessage
from ahadi.lib import clock
from ahadi.lib.mail.automatic import answers_by_machine
from ahadi.people.models import Address
from ahadi.tickets.models import Entry, Ticket

# Programs that answer do so at once, or when the next mail comes.
AFTER = timedelta(days=14)


def answered(mail: Mail, raw: RawMessage) -> Iterator[tuple[Ticket, str]]:
    """The ticket of our newest mail to this address: a machine answers that, though it names nothing."""
    if not answers_by_machine(mail):
        return
    ours = Delivery.objects.filter(
        address__kind=Address.Kind.EMAIL,
        address__value=mail.sender.email.lower(),
        created__gt=clock.now() - AFTER,
    )
    newest = ours.select_related("entry__ticket").order_by("-created", "-pk").first()
    if newest is not None:
        yield newest.entry.ticket, newest.message_id


def back(mail: Mail, raw: RawMessage) -> str:
    """The day on which the owner of a machine that answers reads mail again, as ISO text; else empty."""
    if not answers_by_machine(mail):
        return ""
    day = back_on(mail.subject, new_text(mail.text), raw.received.date())
    return day.isoformat() if day else ""


def remember(entry: Entry) -> None:
    """Keep what a machine said about its owner; from a stranger it says nothing about our customer."""
    if not entry.automatic or entry.kind != Entry.Kind.MESSAGE or entry.address is None:
        return
    if day := entry.words.data.get("back"):
        absences.begin(entry.address, entry, date.fromisoformat(day))

"""The first step of every message: its bytes are stored, and only then is the sender told "accepted"."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from django.db import transaction

from ahadi import outbox
from ahadi.channels import inboxes
from ahadi.channels.base import NOBODY
from ahadi.channels.models import RawMessage
from ahadi.lib import store
from ahadi.lib.fresh import make
from ahadi.lib.statement import insert_all_new
from ahadi.outbox.models import Job

JOB = "channels.take_in"


def accept(
    raw: bytes, sender: str, recipients: Sequence[str], channel: str = "email", client_ip: str = ""
) -> RawMessage:
    """Store a raw message and the work it asks for in one transaction; the same bytes again add nothing."""
    return take([store_bytes(raw, sender, recipients, channel, client_ip)])[0]


def store_bytes(
    raw: bytes, sender: str, recipients: Sequence[str], channel: str = "email", client_ip: str = ""
) -> RawMessage:
    """A message whose bytes are safe, to be taken; OSError where they could not be written."""
    return make(
        RawMessage,
        sha256=store.put(raw),
        channel=channel,
        sender=sender[:320],
        recipients=list(recipients),
        client_ip=client_ip or None,
        size=len(raw),
    )


def take(messages: Sequence[RawMessage]) -> list[RawMessage]:
    """Write down messages whose bytes are safe, in their order, with the work they ask for: all or none."""
    with transaction.atomic():
        for message in messages:
            # One that was taken in vain before has the number that it lost.
            message.pk, message.inbox = None, inboxes.find(message.recipients)
        added = insert_all_new(messages, told_by="sha256")
        outbox.put_all(JOB, [({"raw_id": message.pk}, _order(message.sender)) for message in added])
        return [message if message.pk else _come_again(message) for message in messages]


def _come_again(again: RawMessage) -> RawMessage:
    message = RawMessage.objects.get(sha256=again.sha256)
    added = [recipient for recipient in again.recipients if recipient not in message.recipients]
    if added:
        message.recipients = [*message.recipients, *added]
        message.save(update_fields=["recipients"])
        if message.entry is not None:
            inboxes.show_others(message.entry.ticket, added)
    if not message.outcome and not Job.objects.filter(name=JOB, payload={"raw_id": message.pk}).exists():
        outbox.put(JOB, {"raw_id": message.pk})
    return message


def _order(sender: str) -> str:
    # Two mails of one person are read in the order in which they came.
    return f"from:{sha256(sender.lower().encode()).hexdigest()[:32]}" if sender not in ("", NOBODY) else ""

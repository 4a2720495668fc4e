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
from ahadi.lib.statement import insert_new
from ahadi.outbox.models import Job

JOB = "channels.take_in"


def accept(
    raw: bytes, sender: str, recipients: Sequence[str], channel: str = "email", client_ip: str = ""
) -> RawMessage:
    """Store a raw message and the work it asks for in one transaction; the same bytes again add nothing."""
    message = RawMessage(
        sha256=store.put(raw),
        channel=channel,
        sender=sender[:320],
        recipients=list(recipients),
        client_ip=client_ip or None,
        size=len(raw),
    )
    with transaction.atomic():
        message.inbox = inboxes.find(recipients)
        if insert_new(message):
            outbox.put(JOB, {"raw_id": message.pk}, order_by=_order(sender))
        else:
            message = RawMessage.objects.get(sha256=message.sha256)
            _come_again(message, recipients)
    return message


def _come_again(message: RawMessage, recipients: Sequence[str]) -> None:
    added = [recipient for recipient in recipients if recipient not in message.recipients]
    if added:
        message.recipients = [*message.recipients, *added]
        message.save(update_fields=["recipients"])
        if message.entry is not None:
            inboxes.show_others(message.entry.ticket, added)
    if not message.outcome and not Job.objects.filter(name=JOB, payload={"raw_id": message.pk}).exists():
        outbox.put(JOB, {"raw_id": message.pk})


def _order(sender: str) -> str:
    # Two mails of one person are read in the order in which they came.
    return f"from:{sha256(sender.lower().encode()).hexdigest()[:32]}" if sender not in ("", NOBODY) else ""

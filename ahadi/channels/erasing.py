"""What the ways in and out know of somebody beside their tables: raw mails, and mails that wait to leave."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from django.db.models import Q

from ahadi.channels.models import Delivery, OutgoingMail, RawMessage
from ahadi.tickets.erasure import Matter, Part


def parts(matter: Matter) -> Iterator[Part]:
    """Raw bytes that became entries, quarantined mails, mails on their way."""
    own = set(matter.addresses.values_list("value", flat=True))
    apart = Q(sender__in=own, outcome=RawMessage.Outcome.QUARANTINE)
    raws = list(RawMessage.objects.filter(Q(pk__in=matter.rows(RawMessage).values("pk")) | apart))
    names = [raw.sha256 for raw in raws]
    yield Part("channels.RawMessage.bytes", len(raws), lambda: empty(raws), names)
    mails = _mails(own, set(matter.tickets.values_list("number", flat=True)))
    yield Part("channels.OutgoingMail", len(mails), lambda: _destroy(mails))
    moving = (Delivery.State.QUEUED, Delivery.State.SENDING)
    waiting = matter.rows(Delivery).filter(state__in=moving)
    yield Part(
        "channels.Delivery.waiting", waiting.count(), lambda: waiting.update(state=Delivery.State.KEPT)
    )


def empty(raws: list[RawMessage]) -> None:
    """Destroy what is known of these mails but their outcome; their files go by `sweeping`."""
    # The row stays as what came at that time; its name was the content's and becomes nobody's.
    for raw in raws:
        RawMessage.objects.filter(pk=raw.pk).update(
            sha256=secrets.token_hex(32),
            message_id="",
            sender="",
            recipients=[],
            client_ip=None,
            subject="",
            evidence={},
            authentication={},
            size=0,
        )


def _mails(addresses: set[str], numbers: set[str]) -> list[int]:
    found = []
    rows = OutgoingMail.objects.values_list("pk", "recipients", "subject")
    for pk, recipients, subject in rows.iterator():
        if addresses & set(recipients) or any(number in subject for number in numbers):
            found.append(pk)
    return found


def _destroy(mails: list[int]) -> None:
    OutgoingMail.objects.filter(pk__in=mails).delete()

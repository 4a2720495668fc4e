"""What happens after commit: reading what came in, sending what goes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.module_loading import import_string

from ahadi.channels import inboxes
from ahadi.channels.base import Channel
from ahadi.channels.models import Delivery, RawMessage
from ahadi.lib.question import MANY, Question, filled
from ahadi.tickets.models import Attachment

_RAWS = Question(lambda *pks: RawMessage.objects.filter(pk__in=pks), gaps=MANY)
_RAW = Question(lambda pk: RawMessage.objects.filter(pk=pk))
# All that a letter says, in one query.
_DELIVERY = Question(
    lambda pk: (
        Delivery.objects.select_related(
            "entry__words",
            "entry__agent",
            "entry__ticket__requester",
            "entry__ticket__address",
            "entry__ticket__team",
            "entry__ticket__assignee",
            "address__customer",
        )
        .annotate(has_files=Exists(Attachment.objects.filter(entry=OuterRef("entry"))))
        .filter(pk=pk)
    )
)


def take_in(raw_id: int) -> None:
    """Turn a stored raw message into an entry, a ticket or a quarantine row; done twice it is done once."""
    raw = _raw(raw_id)
    if raw.outcome == RawMessage.Outcome.PENDING:
        channel(raw.channel).take_in(raw)


def take_in_together(payloads: Iterator[dict[str, int]], ahead: Sequence[dict[str, int]]) -> None:
    """Take in some that wait in a row; it asks for the next as long as they can be done together."""
    from ahadi.channels.email import crowd

    crowd.take_in(_mails(payloads, [payload["raw_id"] for payload in ahead[:MANY]]))


def _mails(payloads: Iterator[dict[str, int]], ahead: list[int]) -> Iterator[RawMessage]:
    asked = _RAWS.objects(*filled(ahead, MANY)) if len(ahead) > 1 else []
    known = {raw.pk: _with_inbox(raw) for raw in asked}
    for payload in payloads:
        raw = known.get(payload["raw_id"]) or _raw(payload["raw_id"])
        if raw.outcome == RawMessage.Outcome.PENDING and raw.channel == "email":
            yield raw
        else:
            take_in(payload["raw_id"])


def _raw(pk: int) -> RawMessage:
    (raw,) = _RAW.objects(pk)
    return _with_inbox(raw)


def _with_inbox(raw: RawMessage) -> RawMessage:
    if inbox := inboxes.known(raw.inbox_id):
        raw.inbox = inbox
    return raw


def send(delivery_id: int) -> None:
    """Bring one delivery to its end: sent, failed, perhaps delivered; raises where trying again can help."""
    from ahadi.channels import sending

    (delivery,) = _DELIVERY.objects(delivery_id)
    sending.send(delivery)


def post(mail_id: int) -> None:
    """Send one mail that belongs to no entry: sign-in codes and the like."""
    from ahadi.channels.email import letters

    letters.post(mail_id)


@cache
def channel(code: str) -> Channel:
    """The channel with this code."""
    made: Channel = import_string(settings.CHANNELS[code])()
    return made

"""Mail."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction

from ahadi.channels import inboxes, links
from ahadi.channels.email import letters, outbound, smtp
from ahadi.channels.models import Delivery, OutgoingMail, RawMessage
from ahadi.tickets.models import Attachment


class EmailChannel:
    """Mail in through the SMTP door or a pipe, mail out over SMTP."""

    code = "email"

    def take_in(self, raw: RawMessage) -> None:
        """Read a stored mail."""
        from ahadi.channels.email import inbound

        inbound.take_in(raw)

    def send(self, delivery: Delivery) -> None:
        """Hand over one mail; without a mail server it is kept and shown under /dev/outbox/."""
        raw, sender = _mail(delivery)
        if not settings.AHADI_SMTP_OUT:
            _keep(delivery, raw, sender)
            return
        smtp.hand_over(raw, sender, [delivery.reader.value], before=delivery.begin)
        delivery.arrive()


def _mail(delivery: Delivery) -> tuple[bytes, str]:
    entry = delivery.entry
    inbox = inboxes.of(entry.ticket)
    files, left_out = _files(list(entry.attachments.order_by("pk")))
    with letters.language_of(entry.ticket):
        link = links.make_link(entry.ticket, delivery.reader)
        letter = letters.compose(delivery, link, len(files), left_out)
        mail = outbound.answer_mail(delivery, letters.write(letter), inbox, files)
    return outbound.as_bytes(mail), outbound.envelope_sender(delivery, inbox)


def _files(attachments: Sequence[Attachment]) -> tuple[list[Attachment], int]:
    """What fits into a mail, and how many files do not."""
    room, fitting = letters.LARGEST_FILES, []
    for attachment in attachments:
        if attachment.size <= room:
            room -= attachment.size
            fitting.append(attachment)
    return fitting, len(attachments) - len(fitting)


@transaction.atomic
def _keep(delivery: Delivery, raw: bytes, sender: str) -> None:
    OutgoingMail.objects.create(
        sender=sender, recipients=[delivery.reader.value], subject=delivery.entry.ticket.subject, raw=raw
    )
    delivery.keep()

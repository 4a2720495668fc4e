"""Mail."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from ahadi.channels import handouts, inboxes, links
from ahadi.channels.email import letters, missed, news, outbound, receipts, signing, smtp
from ahadi.channels.models import Delivery, Inbox, MailServer, OutgoingMail, RawMessage
from ahadi.lib import piece
from ahadi.lib.question import Question
from ahadi.lib.statement import insert
from ahadi.tickets import pictures
from ahadi.tickets.models import Attachment

_FILES = Question(lambda entry: Attachment.objects.filter(entry=entry).order_by("pk"))
_THROUGH = Question(lambda inbox: MailServer.objects.filter(inbox=inbox, way=MailServer.Way.OUT))


class EmailChannel:
    """Mail in through the SMTP door or a pipe, mail out over SMTP."""

    code = "email"

    def take_in(self, raw: RawMessage) -> None:
        """Read a stored mail."""
        from ahadi.channels.email import inbound

        inbound.take_in(raw)

    def send(self, delivery: Delivery) -> None:
        """Hand over one mail; without a mail server it is kept and shown under /dev/outbox/."""
        inbox = inboxes.of(delivery.entry.ticket)
        way: list[MailServer] = piece.once((_THROUGH, inbox.pk), lambda: _THROUGH.objects(inbox.pk or 0))
        through = next(iter(way), None)
        raw, sender = _mail(delivery, inbox)
        if not smtp.can_leave(through):
            _keep(delivery, raw, sender)
            return
        smtp.hand_over(raw, sender, [delivery.reader.value], before=delivery.begin, through=through)
        delivery.arrive()


def _mail(delivery: Delivery, inbox: Inbox) -> tuple[bytes, str]:
    entry = delivery.entry
    files, large = _files(_FILES.objects(entry.pk) if getattr(delivery, "has_files", True) else ())
    offered = [handouts.offer(file, delivery.reader) for file in large]
    with letters.language_of(entry.ticket):
        link = links.make_link(entry.ticket, delivery.reader)
        attached = len(files) - len(pictures.shown(entry.words.text, files))
        letter = news.compose(delivery, link) or missed.compose(delivery, link, attached)
        letter = letter or letters.compose(delivery, link, attached, offered)
        proof = receipts.of(delivery)
        if proof:
            receipts.mention(letter)
        mail = outbound.answer_mail(delivery, letters.write(letter), inbox, files, proof)
    raw = signing.signed(outbound.as_bytes(mail), outbound.domain_of(inbox.address))
    return raw, outbound.envelope_sender(delivery, inbox)


def _files(attachments: Sequence[Attachment]) -> tuple[list[Attachment], list[Attachment]]:
    """What fits into a mail, and what does not."""
    room = letters.LARGEST_FILES
    fitting, large = [], []
    for attachment in attachments:
        if attachment.size <= room:
            room -= attachment.size
            fitting.append(attachment)
        else:
            large.append(attachment)
    return fitting, large


@transaction.atomic
def _keep(delivery: Delivery, raw: bytes, sender: str) -> None:
    mail = OutgoingMail(
        sender=sender, recipients=[delivery.reader.value], subject=delivery.entry.ticket.subject, raw=raw
    )
    insert(mail)
    delivery.keep()

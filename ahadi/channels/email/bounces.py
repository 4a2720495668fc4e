"""Reports that a mail of ours did not arrive: matched to what was sent, told on the ticket."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, NamedTuple

from ahadi.channels.email import Bounce, Mail, new_text, signature
from ahadi.channels.email.threading import recipients
from ahadi.channels.models import Delivery, RawMessage
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import File, Said


class Told(NamedTuple):
    """The note on the ticket, and how the report was matched."""

    entry: Entry
    evidence: dict[str, Any]


def settle(mail: Mail, raw: RawMessage) -> Told | None:
    """Mark the delivery that failed and note the report on its ticket; None when it is no mail of ours."""
    delivery, by = _match(mail, raw)
    if delivery is None:
        return None
    ticket = delivery.entry.ticket
    failure = next((bounce for bounce in mail.bounce or () if bounce.permanent), None)
    evidence = {"decision": "bounce", "by": by, "ticket": ticket.number, "delivery": delivery.pk}
    entry = ticket.append(_note(mail, raw, delivery, evidence))
    if failure is not None:
        delivery.fail(_sentence(failure))
    return Told(entry, evidence)


def _match(mail: Mail, raw: RawMessage) -> tuple[Delivery | None, str]:
    known = Delivery.objects.select_related("entry__ticket", "address").order_by("-pk")
    named = [bounce.message_id for bounce in mail.bounce or ()] + mail.in_reply_to + mail.references
    signed = [text for text in named if signature.read_message_id(text)]
    # The id was signed by this installation, and the stored one is compared whole.
    if signed and (found := known.filter(message_id__in=signed).first()):
        return found, "our_id"
    failed = {bounce.recipient.lower() for bounce in mail.bounce or ()}
    for address in recipients(mail, raw):
        number = signature.read_reply_address(address)
        ticket = Ticket.objects.filter(number=number).first() if number else None
        if ticket and (found := known.filter(entry__ticket=ticket, address__value__in=failed).first()):
            return found, "token"
    return None, ""


def _note(mail: Mail, raw: RawMessage, delivery: Delivery, evidence: dict[str, Any]) -> Said:
    bounces = [asdict(bounce) for bounce in mail.bounce or ()]
    return Said(
        kind=Entry.Kind.NOTE,
        code="bounce",
        text=mail.text,
        new_text=new_text(mail.text),
        channel="email",
        automatic=True,
        at=raw.received,
        files=[File(file.name, file.content_type, file.content) for file in mail.attachments],
        data={"raw": raw.pk, "evidence": evidence, "reply": delivery.entry.seq, "bounces": bounces[:20]},
    )


def _sentence(bounce: Bounce) -> str:
    said = bounce.diagnostic or bounce.status or bounce.reason
    return f"{bounce.recipient}: {said}"[:500]

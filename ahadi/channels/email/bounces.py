"""Reports about mails of ours: matched to the one delivery they speak of, told on its ticket."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, NamedTuple

from ahadi.channels import suppressions
from ahadi.channels.email import Bounce, Mail, new_text, signature
from ahadi.channels.email.evidence import recipients
from ahadi.channels.models import Delivery, RawMessage, Suppression
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import File, Said

# What mail providers report when a reader presses "spam" (RFC 5965 and RFC 6430); others praise or ask.
COMPLAINTS = {"abuse", "complaint", "fraud", "opt-out", "opt-out-list", "virus"}


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
    evidence = {"decision": "bounce", "by": by, "ticket": ticket.number, "delivery": delivery.pk}
    entry = ticket.append(_note(mail, raw, delivery, evidence))
    for bounce in mail.bounce or ():
        _learn(_sibling(delivery, bounce), bounce)
    return Told(entry, evidence)


def _learn(delivery: Delivery, bounce: Bounce) -> None:
    """A refusal for good ends the delivery; one for now is only noted, because servers try for days."""
    if bounce.reason == "feedback" and bounce.diagnostic.lower() in COMPLAINTS:
        suppressions.begin(delivery.reader, Suppression.Reason.COMPLAINT, bounce.diagnostic)
    elif bounce.permanent:
        error = f"{bounce.status} {bounce.diagnostic or bounce.reason}"
        delivery.fail(error)
        if bounce.recipient in ("", delivery.reader.value):
            suppressions.learn(delivery.reader, error)


def _sibling(delivery: Delivery, bounce: Bounce) -> Delivery:
    """The delivery of the same words to the reader that the report names, else the one that was matched."""
    if bounce.recipient in ("", delivery.reader.value):
        return delivery
    others = Delivery.objects.filter(entry=delivery.entry, address__value=bounce.recipient)
    return others.select_related("entry__ticket", "address").first() or delivery


def _match(mail: Mail, raw: RawMessage) -> tuple[Delivery | None, str]:
    known = Delivery.objects.select_related("entry__ticket", "address").order_by("-pk")
    known = known.filter(address__isnull=False)
    failed = {bounce.recipient.lower() for bounce in mail.bounce or ()}
    addresses = recipients(mail, raw)
    for delivery_id in filter(None, map(signature.read_return_address, addresses)):
        if found := known.filter(pk=delivery_id).first():
            return found, "return_path"
    named = [bounce.message_id for bounce in mail.bounce or ()] + mail.in_reply_to + mail.references
    # The id was signed by this installation, and the stored one is compared whole.
    if signed := [text for text in named if signature.read_message_id(text)]:
        ours = known.filter(message_id__in=signed)
        if found := ours.filter(address__value__in=failed).first() or ours.first():
            return found, "our_id"
    for address in addresses:
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

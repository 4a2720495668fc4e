"""From raw bytes to an entry of a ticket: whatever a stranger sends ends where somebody can see it."""

from __future__ import annotations

import logging
from dataclasses import replace
from hashlib import sha256
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.utils import translation
from django.utils.translation import gettext

from ahadi.channels.base import NOBODY
from ahadi.channels.email import (
    Mail,
    answers,
    bounces,
    looks_like_code,
    new_text,
    parse,
    quarantine,
    signature,
)
from ahadi.channels.email.threading import Decision, Place, place
from ahadi.channels.models import RawMessage
from ahadi.people import identify
from ahadi.people.models import Address, Company
from ahadi.tickets import intake
from ahadi.tickets.intake import Inbound
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import File

log = logging.getLogger("ahadi.channels.email")

# Defects after which what was read is not all that was sent.
NOT_WHOLE = ("unreadable", "too-many-parts", "too-deep", "headers")
# The database indexes these, and PostgreSQL has a limit for that.
LONGEST_ID = 500


def take_in(raw: RawMessage, *, released: bool = False) -> None:
    """Read a stored mail and settle it in one transaction; what cannot be read becomes a ticket as it is."""
    mail = parse(raw.read())
    if raw.sender == NOBODY and not mail.is_automatic:
        mail.is_automatic, mail.automatic_reason = True, "envelope"
    try:
        _settle(raw, mail, released)
    except (OperationalError, InterfaceError, OSError):
        # The mail is not to blame: the outbox tries again.
        raise
    except Exception as error:
        log.error("Mail %s cannot be read (%s); kept whole", raw, type(error).__name__)
        _keep_whole(raw, mail, error)


@transaction.atomic
def _settle(raw: RawMessage, mail: Mail, released: bool) -> None:
    if not _is_waiting(raw, released):
        return
    raw.message_id, raw.subject = mail.message_id[:LONGEST_ID], mail.subject[:250]
    earlier = _same_id(raw, mail)
    if earlier is not None and earlier.entry is not None and _is_copy(earlier.entry, mail):
        _conclude(raw, earlier.entry, False, {"decision": "copy", "of": earlier.pk})
    elif reason := "" if released else quarantine.reason_for(mail, raw):
        _put_aside(raw, reason)
    elif mail.bounce and (told := bounces.settle(mail, raw)):
        _conclude(raw, told.entry, False, told.evidence)
    elif mail.bounce and not released:
        _put_aside(raw, RawMessage.Reason.BOUNCE)
    else:
        _deliver(raw, mail, {"same_id": earlier.pk} if earlier else {}, released)


def _deliver(raw: RawMessage, mail: Mail, remarks: dict[str, Any], released: bool) -> None:
    address = address_of(mail, raw)
    found = place(mail, raw, address)
    evidence = {**found.evidence, **remarks, **_outlook(mail)}
    received = intake.receive(_inbound(raw, mail, address, found, evidence, released))
    if found.decision == Decision.HOLD and received.ticket.is_solved and not mail.is_automatic:
        # Nobody looks at a solved ticket, and the words must be looked at.
        received.ticket.reopen(by=None, step_code=Ticket.Step.ANSWER, reason="held")
    if found.is_proof and not mail.is_automatic:
        address.prove()
    answers.remember(received.entry)
    _conclude(raw, received.entry, received.is_new, evidence)


def _inbound(
    raw: RawMessage, mail: Mail, address: Address, found: Place, evidence: dict[str, Any], released: bool
) -> Inbound:
    is_new = found.decision == Decision.NEW
    return Inbound(
        channel="email",
        address=address,
        subject=mail.subject or _subject(mail),
        text=mail.text,
        new_text=new_text(mail.text),
        html=mail.html,
        language=raw.inbox.language if raw.inbox else "",
        at=raw.received,
        files=_files(raw, mail),
        automatic=mail.is_automatic,
        ticket=None if is_new else found.ticket,
        held=str(found.writer) if found.decision == Decision.HOLD else "",
        team=raw.inbox.team if raw.inbox else None,
        data={**_data(raw, mail, released or found.ticket is not None), "evidence": evidence},
    )


def _data(raw: RawMessage, mail: Mail, is_silent: bool) -> dict[str, Any]:
    data: dict[str, Any] = {
        "raw": raw.pk,
        "inbox": raw.inbox_id,
        "from": str(mail.sender)[:320],
        "to": [box.email for box in mail.to][:20],
        "cc": [box.email for box in mail.cc][:20],
        "defects": mail.defects[:20],
        "automatic": mail.automatic_reason,
        "back": answers.back(mail, raw),
        "reply_to": [box.email for box in mail.reply_to if box.email != mail.sender.email][:5],
        "code_mail": looks_like_code(mail),
        "no_acknowledgement": is_silent or mail.wants_no_answer or _answers_us(mail),
    }
    return {name: value for name, value in data.items() if value}


def _answers_us(mail: Mail) -> bool:
    # A machine that answers our automatic mail must not be thanked for it, not even in a new ticket.
    return any(signature.looks_ours(text) for text in [*mail.in_reply_to, *mail.references])


def address_of(mail: Mail, raw: RawMessage) -> Address:
    """Who wrote: the From line and nothing else; where there is none, somebody nobody can write to."""
    try:
        return identify.find_or_create(Address.Kind.EMAIL, mail.sender.email, mail.sender.name)
    except identify.Unreadable:
        unknown = f"unknown-{raw.sha256[:16]}@unknown.invalid"
        return identify.find_or_create(Address.Kind.EMAIL, unknown, mail.sender.name)


def _files(raw: RawMessage, mail: Mail) -> list[File]:
    files = [
        File(file.name, file.content_type, file.content, file.content_id, file.inline)
        for file in mail.attachments
    ]
    if any(defect.startswith(NOT_WHOLE) for defect in mail.defects):
        files.append(_whole(raw))
    return files


def _whole(raw: RawMessage) -> File:
    return File("message.eml", "message/rfc822", raw.read())


def _subject(mail: Mail) -> str:
    if mail.text.strip():
        return ""
    return next((file.name for file in mail.attachments), mail.sender.email)


def _keep_whole(raw: RawMessage, mail: Mail, error: Exception) -> None:
    """The last resort: a ticket with the mail as a file, nothing else from it."""
    company = Company.current()
    with transaction.atomic(), translation.override(company.language):
        if not _is_waiting(raw, True):
            return
        inbound = Inbound(
            channel="email",
            address=address_of(replace(mail, sender=type(mail.sender)()), raw),
            subject=gettext("A mail that could not be read"),
            text=gettext("This mail could not be read. It is attached as it came."),
            language=company.language,
            at=raw.received,
            files=[_whole(raw)],
            team=raw.inbox.team if raw.inbox else None,
            data={"raw": raw.pk, "defects": [_defect(error)], "no_acknowledgement": True},
        )
        _conclude(raw, intake.receive(inbound).entry, True, {"decision": "new", "unreadable": True})


def _defect(error: Exception) -> str:
    return f"unreadable:{type(error).__name__}"


def _is_waiting(raw: RawMessage, released: bool) -> bool:
    """Nobody else has settled it since; from here to the end of the transaction nobody can."""
    now = RawMessage.objects.select_for_update().values_list("outcome", flat=True).get(pk=raw.pk)
    raw.outcome = now
    may_be = {RawMessage.Outcome.PENDING, RawMessage.Outcome.QUARANTINE}
    return now in may_be if released else now == RawMessage.Outcome.PENDING


def _same_id(raw: RawMessage, mail: Mail) -> RawMessage | None:
    if not raw.message_id:
        return None
    same = RawMessage.objects.filter(message_id=raw.message_id).exclude(pk=raw.pk).exclude(outcome="")
    return same.select_related("entry__words", "entry__address").order_by("pk").first()


def _is_copy(entry: Entry, mail: Mail) -> bool:
    # A second way through the mail system changes headers only; other words are another message.
    sender = entry.address.value if entry.address else ""
    words = entry.words.text == mail.text and entry.words.html == mail.html
    if not words or sender != mail.sender.email.lower():
        return False
    kept = sorted(entry.attachments.values_list("sha256", flat=True))
    return kept == sorted(sha256(file.content).hexdigest() for file in mail.attachments)


def _outlook(mail: Mail) -> dict[str, str]:
    # Outlook keeps its threads by these, so they are given back.
    names = ("thread-index", "thread-topic")
    return {name: mail.header(name)[:250] for name in names if mail.header(name)}


def _put_aside(raw: RawMessage, reason: str) -> None:
    raw.outcome, raw.reason = RawMessage.Outcome.QUARANTINE, reason
    raw.save(update_fields=["outcome", "reason", "message_id", "subject"])


def _conclude(raw: RawMessage, entry: Entry, is_new: bool, evidence: dict[str, Any]) -> None:
    raw.outcome = RawMessage.Outcome.TICKET if is_new else RawMessage.Outcome.ENTRY
    raw.entry, raw.evidence, raw.reason = entry, evidence, ""
    raw.save(update_fields=["outcome", "reason", "entry", "evidence", "message_id", "subject"])

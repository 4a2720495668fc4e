"""From raw bytes to an entry of a ticket: whatever a stranger sends ends where somebody can see it."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.utils import translation
from django.utils.translation import gettext

from ahadi.channels import inboxes
from ahadi.channels.base import NOBODY
from ahadi.channels.email import (
    Mail,
    Mailbox,
    Original,
    answers,
    bounces,
    looks_like_code,
    new_text,
    original_message,
    parse,
    quarantine,
    signature,
    writing,
)
from ahadi.channels.email.authentication import Checked, Verdict, believed, check
from ahadi.channels.email.evidence import Lead, Strength, leads
from ahadi.channels.email.threading import Decision, Place, Writer, place
from ahadi.channels.models import RawMessage
from ahadi.lib.question import Question
from ahadi.lib.statement import update
from ahadi.people import identify
from ahadi.people.models import Address, Agent, Company
from ahadi.tickets import intake
from ahadi.tickets.intake import Inbound
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import File

log = logging.getLogger("ahadi.channels.email")

# Defects after which what was read is not all that was sent.
NOT_WHOLE = ("unreadable", "too-many-parts", "too-deep", "headers")
# The database indexes these, and PostgreSQL has a limit for that.
LONGEST_ID = 500
# Services send what proves an address from such names; no guest reads any of it (rule E-32).
VERIFIERS = re.compile(r"(?:(?:no|do[-_.]?not)[-_.]?reply[^@]*|[^@]*verif[^@]*|otp[^@]*)@.*", re.IGNORECASE)

_OUTCOME = Question(lambda pk: RawMessage.objects.select_for_update().filter(pk=pk).values_list("outcome"))
_SAME = Question(
    lambda message_id, pk: (
        RawMessage.objects.filter(message_id=message_id)
        .exclude(pk=pk)
        .exclude(outcome="")
        .select_related("entry__words", "entry__address")
        .order_by("pk")[:1]
    )
)


@dataclass(frozen=True)
class Seen:
    """What was found out about a mail before it is settled: who wrote, where it points, what is proven."""

    person: Mailbox = field(default_factory=Mailbox)
    agent: Agent | None = None
    leads: Sequence[Lead] = ()
    checked: Checked = field(default_factory=Checked)
    # What an agent passed on, which its writer and not the agent said.
    original: Original | None = None
    # The address of the person, and whether it was looked for: then there may be none.
    address: Address | None = None
    is_looked_for: bool = False


def take_in(raw: RawMessage, *, released: bool = False) -> None:
    """Read a stored mail and settle it in one transaction; what cannot be read becomes a ticket as it is."""
    content = raw.read()
    settle(raw, read(raw, content), content, released=released)


def read(raw: RawMessage, content: bytes) -> Mail:
    """What a stored mail says, and its envelope."""
    mail = parse(content)
    if raw.sender == NOBODY and not mail.is_automatic:
        mail.is_automatic, mail.automatic_reason = True, "envelope"
    return mail


def settle(
    raw: RawMessage, mail: Mail, content: bytes, seen: Seen | None = None, *, released: bool = False
) -> None:
    """Bring a mail to its end in one transaction; one that raises something is kept whole in a ticket.

    `seen` is what was found out about it, where nothing has been settled since.
    """
    try:
        reason = "" if released else quarantine.reason_for(mail, raw)
        is_report = bool(mail.bounce) and not released
        # Before the transaction: it may ask the network, and nobody else should wait for that.
        seen = Seen() if reason or is_report else seen or look(raw, mail, content, find(mail.sender))
        _settle(raw, mail, seen, reason, released)
    except (OperationalError, InterfaceError, OSError):
        # The mail is not to blame: the outbox tries again.
        raise
    except Exception as error:
        log.error("Mail %s cannot be read (%s); kept whole", raw, type(error).__name__)
        _keep_whole(raw, mail, error)


def look(raw: RawMessage, mail: Mail, content: bytes, known: Address | None) -> Seen:
    """Weigh a mail of a known sender or of somebody new.

    The network is asked only where somebody would be believed or refused for it.
    """
    trust = believed(raw)
    agent = writing.find(mail.sender.email)
    found = leads(mail, raw, agent)
    thoroughly = agent is not None or _matters(known, found)
    checked = check(mail, raw, content, trust, thoroughly=thoroughly)
    if mail.sender.email.lower() in trust.forms and len(mail.reply_to) == 1:
        # The form is proven at best; whoever filled it in is a claim.
        verdict = Verdict.NONE if checked.verdict == Verdict.PASS else checked.verdict
        return Seen(mail.reply_to[0], None, found, replace(checked, verdict=verdict))
    if agent is not None and not found and checked.verdict == Verdict.PASS and not mail.is_automatic:
        original = original_message(mail)
        if original is not None and original.sender.email and not inboxes.is_ours(original.sender.email):
            return Seen(original.sender, agent, found, checked, original)
    return Seen(mail.sender, agent, found, checked, address=known, is_looked_for=True)


def find(person: Mailbox) -> Address | None:
    """The address of whoever wrote; None where it is new, or none."""
    try:
        return identify.find(Address.Kind.EMAIL, person.email)
    except identify.Unreadable:
        return None


def _matters(known: Address | None, found: Sequence[Lead]) -> bool:
    """A proof changes something: for a secret of ours, and for people we know. Others keep nobody waiting."""
    if any(lead.strength in (Strength.BOUND, Strength.STRONG) for lead in found):
        return True
    return known is not None and (bool(found) or known.proven is not None)


@transaction.atomic
def _settle(raw: RawMessage, mail: Mail, seen: Seen, reason: str, released: bool) -> None:
    if not _is_waiting(raw, released):
        return
    _note(raw, mail, seen)
    earlier = _same_id(raw, mail)
    if earlier is not None and earlier.entry is not None and _is_copy(earlier.entry, mail):
        inboxes.show_others(earlier.entry.ticket, raw.recipients)
        _conclude(raw, earlier.entry, False, {"decision": "copy", "of": earlier.pk})
    elif reason:
        _put_aside(raw, reason)
    elif mail.bounce and (told := bounces.settle(mail, raw)):
        _conclude(raw, told.entry, False, told.evidence)
    elif mail.bounce and not released:
        _put_aside(raw, RawMessage.Reason.BOUNCE)
    else:
        _deliver(raw, mail, seen, {"same_id": earlier.pk} if earlier else {}, released)


def begin(raw: RawMessage, mail: Mail, seen: Seen) -> None:
    """Settle a mail that waits, in a transaction of the caller, who knows that it points to no ticket."""
    _note(raw, mail, seen)
    _deliver(raw, mail, seen, {}, released=False)


def put_aside(raw: RawMessage, mail: Mail, reason: str) -> None:
    """Settle a mail that nobody should read, in a transaction of the caller, who knows that it waits."""
    _note(raw, mail, Seen())
    _put_aside(raw, reason)


def _note(raw: RawMessage, mail: Mail, seen: Seen) -> None:
    raw.message_id, raw.subject = mail.message_id[:LONGEST_ID], mail.subject[:250]
    raw.authentication = seen.checked.data


def _deliver(raw: RawMessage, mail: Mail, seen: Seen, remarks: dict[str, Any], released: bool) -> None:
    address = _address(seen, raw)
    found = place(seen.leads, address, seen.checked, is_automatic=mail.is_automatic)
    if found.decision == Decision.SPEAK and seen.agent is not None:
        if writing.may_speak(seen.agent, found, mail):
            entry = writing.speak(seen.agent, found, mail, _files(raw, mail))
            _conclude(raw, entry, False, found.evidence)
            return
        found = replace(found, decision=Decision.HOLD)
    evidence = {**found.evidence, **remarks, **_outlook(mail)}
    received = intake.receive(_inbound(raw, mail, address, seen, found, evidence, released))
    if found.decision == Decision.HOLD and not mail.is_automatic:
        _put_before_somebody(seen, found, received.entry)
    if found.is_proof and not mail.is_automatic:
        address.prove()
    answers.remember(received.entry)
    if len(raw.recipients) > 1 or raw.inbox is None or raw.inbox.team_id != received.ticket.team_id:
        inboxes.show_others(received.ticket, raw.recipients)
    _conclude(raw, received.entry, received.is_new, evidence)


def _put_before_somebody(seen: Seen, found: Place, held: Entry) -> None:
    if held.ticket.is_solved and held.ticket.step_code != Ticket.Step.ENDED:
        # Nobody looks at a solved ticket, and the words must be looked at.
        held.ticket.reopen(by=None, step_code=Ticket.Step.ANSWER, reason="held")
    if found.writer == Writer.AGENT and seen.agent is not None:
        writing.tell(seen.agent, held.ticket, held)


def _inbound(
    raw: RawMessage,
    mail: Mail,
    address: Address,
    seen: Seen,
    found: Place,
    evidence: dict[str, Any],
    released: bool,
) -> Inbound:
    is_new = found.decision == Decision.NEW
    # Whoever only knows a code may be a machine that answers from one address after another.
    knows_code = found.ticket is not None and found.writer != Writer.PARTICIPANT
    is_silent = released or knows_code or found.verdict == Verdict.FAIL
    text = seen.original.text if seen.original else mail.text
    subject = seen.original.subject if seen.original else mail.subject
    return Inbound(
        channel="email",
        address=address,
        subject=subject or _subject(mail),
        text=text,
        new_text=text if seen.original else new_text(text),
        html="" if seen.original else mail.html,
        language=raw.inbox.language if raw.inbox else "",
        at=raw.received,
        files=_files(raw, mail, seen.original),
        automatic=mail.is_automatic,
        ticket=None if is_new else found.ticket,
        follows=found.follows,
        held=found.held_for,
        team=raw.inbox.team if raw.inbox else None,
        data={**_data(raw, mail, seen, is_silent), "evidence": evidence},
    )


def _data(raw: RawMessage, mail: Mail, seen: Seen, is_silent: bool) -> dict[str, Any]:
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
        "code_mail": looks_like_code(mail) or bool(VERIFIERS.fullmatch(mail.sender.email)),
        "authentication": seen.checked.data,
        "forwarded_by": seen.agent.name if seen.agent and seen.original else "",
        "no_acknowledgement": is_silent or mail.wants_no_answer or _answers_us(mail),
        **mail.remarks,
    }
    if seen.original:
        # An attached mail that became the words of the ticket is not shown beside them.
        data.pop("enclosed", None)
    return {name: value for name, value in data.items() if value}


def _answers_us(mail: Mail) -> bool:
    # A machine that answers our automatic mail must not be thanked for it, not even in a new ticket.
    return any(signature.looks_ours(text) for text in [*mail.in_reply_to, *mail.references])


def _address(seen: Seen, raw: RawMessage) -> Address:
    if seen.address is None:
        return address_of(seen.person, raw, is_new=seen.is_looked_for)
    identify.learn(seen.address.customer, seen.person.name)
    return seen.address


def address_of(person: Mailbox, raw: RawMessage, *, is_new: bool = False) -> Address:
    """The address of who wrote; where there is none, somebody nobody can write to."""
    try:
        if is_new:
            return identify.add(Address.Kind.EMAIL, person.email, person.name)
        return identify.find_or_create(Address.Kind.EMAIL, person.email, person.name)
    except identify.Unreadable:
        unknown = f"unknown-{raw.sha256[:16]}@unknown.invalid"
        return identify.find_or_create(Address.Kind.EMAIL, unknown, person.name)


def _files(raw: RawMessage, mail: Mail, original: Original | None = None) -> list[File]:
    came = [*mail.attachments, *(original.files if original else [])]
    files = [File(file.name, file.content_type, file.content, file.content_id, file.inline) for file in came]
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
            address=address_of(Mailbox(), raw),
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
    ((now,),) = _OUTCOME.rows(raw.pk)
    raw.outcome = now
    may_be = {RawMessage.Outcome.PENDING, RawMessage.Outcome.QUARANTINE}
    return now in may_be if released else now == RawMessage.Outcome.PENDING


def _same_id(raw: RawMessage, mail: Mail) -> RawMessage | None:
    if not raw.message_id:
        return None
    same: list[RawMessage] = _SAME.objects(raw.message_id, raw.pk)
    return same[0] if same else None


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
    update(raw, "outcome", "reason", "message_id", "subject")


def _conclude(raw: RawMessage, entry: Entry, is_new: bool, evidence: dict[str, Any]) -> None:
    raw.outcome = RawMessage.Outcome.TICKET if is_new else RawMessage.Outcome.ENTRY
    raw.entry, raw.evidence, raw.reason = entry, evidence, ""
    update(raw, "outcome", "reason", "entry", "evidence", "authentication", "message_id", "subject")

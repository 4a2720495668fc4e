"""Mails as other programs read them: headers, two forms of the words, files; and where they wait to leave."""

from __future__ import annotations

import re
import secrets
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Callable, Sequence
from email.generator import BytesGenerator
from email.header import Header, decode_header, make_header
from email.message import Message
from email.mime.application import MIMEApplication
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.policy import Compat32
from email.utils import format_datetime, formataddr
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from ahadi import outbox
from ahadi.channels.email import signature
from ahadi.channels.models import Delivery, Inbox, OutgoingMail, RawMessage
from ahadi.lib import clock, store
from ahadi.lib.question import Question
from ahadi.people.models import Address
from ahadi.tickets.models import Attachment, Entry, Ticket
from ahadi.tickets.said import Kind

if TYPE_CHECKING:
    from ahadi.channels.email.letters import Written

# Relays refuse long headers; the first and the newest ids are the ones that programs thread by.
LONGEST_REFERENCES = 1_500
LONGEST_SUBJECT = 200
# Of an address before the at sign (RFC 5321, section 4.5.3.1.1).
LONGEST_LOCAL_PART = 64

_OTHER_WRITING = re.compile("[^\u0000-\u024f]")

_BREAKS = re.compile(r"[\s\x00-\x1f\x7f\u2028\u2029]+")
# "Re" as the mail programs of many languages write it, also piled up and counted.
_REPLY_PREFIX = re.compile(
    r"^\s*(?:(?:re|aw|sv|vs|odp|ynt|antw|rif|r|fwd?|wg|tr|الرد|رد|پاسخ|תשובה|השב|jibu|răspuns|raspuns)"
    r"(?:\s*\[\d+\])?\s*[::]\s*)+",
    re.IGNORECASE,
)
_OWN_CODE = re.compile(r"\s*\[\u2066?[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\u2069?\]")


class _Wire(Compat32):
    """Headers that are folded already go as they are; parsing and joining them again costs most of a mail."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """The header with its name."""
        plain = value.replace("\r\n", "\n") if isinstance(value, str) else ""
        if not plain.isascii() or not _FOLDED.fullmatch(plain):
            return bytes(super().fold_binary(name, value))
        return f"{name}: {plain}\n".replace("\n", "\r\n").encode()


_FOLDED = re.compile(r"[^\r\n]*(?:\n[ \t][^\r\n]*)*")
_WIRE = _Wire(linesep="\r\n", max_line_length=None)

_HEARD = Question(
    lambda ticket: (
        RawMessage.objects.filter(entry__ticket=ticket)
        .order_by("pk")
        .values_list("entry__seq", "entry__kind", "message_id", "evidence")
    )
)
_SAID = Question(
    lambda ticket: (
        Delivery.objects.filter(entry__ticket=ticket)
        .exclude(message_id="")
        .values_list("entry__seq", "message_id")
    )
)
_DELIVERIES = Question(
    lambda entry: (
        Delivery.objects.filter(entry=entry, channel="email")
        .select_related("address__customer")
        .order_by("pk")
    )
)


def answer_mail(
    delivery: Delivery, written: Written, inbox: Inbox, files: Sequence[Attachment], proof: str = ""
) -> Message:
    """The mail that brings an entry to the customer of a ticket and leads the answer back to it."""
    entry = delivery.entry
    ticket = entry.ticket
    inside = [file for file in files if f'src="cid:{file.content_id}"' in written.html]
    parts = [_file(file) for file in files if file not in inside]
    if proof:
        parts.append(_part(f"{ticket.number}.tlog-proof", "application/octet-stream", proof.encode()))
    mail = _body(written, parts, [_inside(file) for file in inside])
    to, copied = _readers(delivery)
    _address(mail, _sender_name(entry, inbox), inbox.address, _to(to, delivery))
    if copied:
        mail["Cc"] = ",\r\n ".join(_to(address, delivery) for address in copied)
    mail["Reply-To"] = _reply_to(ticket, inbox)
    mail["Subject"] = _encoded(_subject(entry))
    mail["Message-ID"] = delivery.message_id
    _thread(mail, delivery)
    mail["Content-Language"] = ticket.language
    if entry.automatic:
        _mark_automatic(mail, "auto-replied")
    return mail


def machine_mail(
    subject: str, to: str, written: Written, inbox: Inbox, kind: str, files: Sequence[Attachment] = ()
) -> Message:
    """A mail that belongs to no entry: codes and notices."""
    mail = _body(written, [_file(file) for file in files])
    _address(mail, inbox.name, inbox.address, to)
    mail["Subject"] = _encoded(_line(subject))
    mail["Message-ID"] = signature.loose_id(domain_of(inbox.address))
    _mark_automatic(mail, kind)
    return mail


@transaction.atomic
def put(mail: Message, sender: str, recipients: Sequence[str]) -> OutgoingMail:
    """Store a mail, to be sent where there is a mail server, else shown under /dev/outbox/."""
    kept = OutgoingMail.objects.create(
        sender=sender,
        recipients=list(recipients),
        subject=str(make_header(decode_header(mail["Subject"])))[:998],
        raw=as_bytes(mail),
    )
    # Without any mail server the job leaves it where it is.
    outbox.put("channels.post", {"mail_id": kept.pk})
    return kept


def as_bytes(mail: Message) -> bytes:
    """The mail as it goes over the wire."""
    # Headers are folded where they are made: a long id must stay on the line of its name.
    wire = BytesIO()
    BytesGenerator(wire, mangle_from_=False, policy=_WIRE).flatten(mail)
    return wire.getvalue()


def envelope_sender(delivery: Delivery, inbox: Inbox) -> str:
    """Where failures are reported: nowhere for automatic mail, else at an address of this delivery alone."""
    if delivery.automatic:
        return ""
    return _with_token(signature.return_address(delivery.pk, inbox.address), inbox)


def domain_of(address: str) -> str:
    """What stands behind the at sign, or the host of the site."""
    return address.rpartition("@")[2] or str(urlsplit(settings.AHADI_URL).hostname)


def _body(
    written: Written, parts: Sequence[MIMEApplication], inside: Sequence[MIMEImage] = ()
) -> MIMEMultipart:
    words = MIMEMultipart("alternative", boundary=secrets.token_hex(16))
    words.attach(_words(written.text, "plain"))
    html: Message = _words(written.html, "html")
    if inside:
        # The pictures belong to the HTML that shows them (RFC 2387).
        related = MIMEMultipart("related", boundary=secrets.token_hex(16), type="text/html")
        for each in (html, *inside):
            related.attach(each)
        html = related
    words.attach(html)
    if not parts:
        return words
    mail = MIMEMultipart("mixed", boundary=secrets.token_hex(16))
    mail.attach(words)
    for part in parts:
        mail.attach(part)
    return mail


def _words(text: str, kind: str) -> Message:
    # Quoted-printable stays readable for Latin writing; for the other scripts base64 is half the size.
    is_latin = len(_OTHER_WRITING.findall(text)) * 4 < len(text)
    encode: Callable[[bytes], bytes] = b2a_qp if is_latin else encodebytes
    part = Message()
    part["Content-Type"] = f'text/{kind}; charset="utf-8"'
    part["MIME-Version"] = "1.0"
    part["Content-Transfer-Encoding"] = "quoted-printable" if is_latin else "base64"
    part.set_payload(encode(text.encode("utf-8", "replace")).decode("ascii"))
    return part


def _file(file: Attachment) -> MIMEApplication:
    return _part(file.name, file.content_type, store.read(file.sha256))


def _inside(file: Attachment) -> MIMEImage:
    part = MIMEImage(store.read(file.sha256), file.content_type.removeprefix("image/"))
    part.add_header("Content-ID", f"<{file.content_id}>")
    part.add_header("Content-Disposition", "inline", filename=("utf-8", "", file.name))
    return part


def _part(name: str, content_type: str, content: bytes) -> MIMEApplication:
    part = MIMEApplication(content, _subtype(content_type))
    part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", name))
    return part


def _subtype(content_type: str) -> str:
    main, _slash, sub = content_type.partition("/")
    return sub if main == "application" and re.fullmatch(r"[\w.+-]+", sub) else "octet-stream"


def _address(mail: Message, name: str, address: str, to: str) -> None:
    mail["From"] = _mailbox(name, address)
    mail["To"] = to
    mail["Date"] = format_datetime(clock.now())
    mail["X-Ahadi-Loop"] = signature.instance_id()


def _mailbox(name: str, address: str) -> str:
    plain = _line(name)
    return formataddr((_encoded(plain), address))


def _readers(delivery: Delivery) -> tuple[Address, list[Address]]:
    """To whom it is written and who reads along; each has a mail of their own and sees who else does."""
    if delivery.automatic:
        return delivery.reader, []
    readers = [other.reader for other in _DELIVERIES.objects(delivery.entry_id)] or [delivery.reader]
    first = next((one for one in readers if one.pk == delivery.entry.ticket.address_id), readers[0])
    return first, [reader for reader in readers if reader.pk != first.pk]


def _to(address: Address, delivery: Delivery) -> str:
    # The name is a claim like the address: machines repeat it only to those who have proven both.
    named = address.proven is not None or not delivery.automatic
    return _mailbox(address.customer.name if named else "", address.value)


def _reply_to(ticket: Ticket, inbox: Inbox) -> str:
    return _with_token(signature.reply_address(ticket.number, inbox.address), inbox)


def _with_token(address: str, inbox: Inbox) -> str:
    is_short = len(address.rpartition("@")[0]) <= LONGEST_LOCAL_PART
    return address if inbox.has_plus_addresses and is_short else inbox.address


def _sender_name(entry: Entry, inbox: Inbox) -> str:
    if entry.agent is None:
        return inbox.name
    return _("%(person)s via %(company)s") % {"person": entry.agent.first_name, "company": inbox.name}


def _subject(entry: Entry) -> str:
    ticket = entry.ticket
    code = f"[\u2066{ticket.number}\u2069]"
    is_claimed = ticket.address is None or ticket.address.proven is None
    if entry.automatic and is_claimed:
        return _("Your request has arrived: %(code)s") % {"code": code}
    plain = _OWN_CODE.sub("", _REPLY_PREFIX.sub("", _line(ticket.subject)))
    return f"Re: {plain[:LONGEST_SUBJECT]} {code}"


def _thread(mail: Message, delivery: Delivery) -> None:
    heard = _HEARD.rows(delivery.entry.ticket_id)
    theirs = [(seq, text) for seq, kind, text, _evidence in heard if kind == Kind.MESSAGE and _is_clean(text)]
    if theirs:
        mail["In-Reply-To"] = max(theirs)[1]
    if ids := _earlier(delivery, theirs):
        mail["References"] = "\r\n ".join(_shortened(ids))
    evidence: dict[str, str] = heard[-1][3] if heard else {}
    for name in ("Thread-Index", "Thread-Topic"):
        if value := evidence.get(name.lower()):
            mail[name] = _encoded(_line(value))


def _earlier(delivery: Delivery, theirs: list[tuple[int, str]]) -> list[str]:
    """The ids of the talk so far, oldest first."""
    # The second entry of a ticket follows the customer's words and nothing of ours.
    said = _SAID.rows(delivery.entry.ticket_id) if delivery.entry.seq > 2 else []
    ours = [(seq, text) for seq, text in said if seq < delivery.entry.seq and _is_clean(text)]
    return list(dict.fromkeys(text for _seq, text in sorted(theirs + ours)))


def _is_clean(message_id: str) -> bool:
    return bool(re.fullmatch(r"<[\x21-\x7e]{3,250}>", message_id))


def _shortened(ids: list[str]) -> list[str]:
    first, rest = ids[0], ids[1:]
    room = LONGEST_REFERENCES - len(first)
    newest: list[str] = []
    for text in reversed(rest):
        room -= len(text) + 3
        if room < 0:
            break
        newest.append(text)
    return [first, *reversed(newest)]


def _mark_automatic(mail: Message, kind: str) -> None:
    mail["Auto-Submitted"] = kind
    mail["X-Auto-Response-Suppress"] = "All"


def _encoded(text: str) -> str:
    # The name of the header counts too: an empty first line would confuse some readers.
    return text if text.isascii() else Header(text, "utf-8", header_name="Thread-Topic").encode()


def _line(text: str) -> str:
    return _BREAKS.sub(" ", text).strip()


def message_id_of(ticket: Ticket, seq: int, inbox: Inbox) -> str:
    """The signed id of the mail that will carry an entry."""
    return signature.message_id(ticket.number, seq, domain_of(inbox.address))

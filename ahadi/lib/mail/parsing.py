"""Raw bytes of RFC 5322 to a Mail: bounded in parts, depth and size, and without exceptions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.policy import compat32

from ahadi.lib import html as markup
from ahadi.lib.mail import headers, invitations, outlook, pictures, tnef
from ahadi.lib.mail.automatic import automatic_reason, wants_no_answer
from ahadi.lib.mail.bounces import bounces_of
from ahadi.lib.mail.charsets import decode
from ahadi.lib.mail.message import Attachment, Enclosed, Mail
from ahadi.lib.mail.seals import seal_of

MAX_SIZE = 25 * 1024 * 1024
MAX_PARTS = 100
MAX_DEPTH = 20
MAX_REPEATED = 100
# Mails that are attached: so many are shown, and so many characters of each.
MAX_ENCLOSED = 5
MAX_ENCLOSED_TEXT = 20_000
# What is looked at of a mail that is beyond a limit.
MAX_HEAD = 64 * 1024
MAX_TEXT = 1_000_000
# The parser looks at every line once for each open boundary, and people nest a handful.
MAX_BOUNDARIES = 120
MAX_COMPARISONS = 20_000_000

_BOUNDARY = re.compile(rb"boundary\s{0,9}\*?=", re.IGNORECASE)

KEPT_HEADERS = {
    "auto-submitted",
    "authentication-results",
    "arc-authentication-results",
    "content-language",
    "delivered-to",
    "dkim-signature",
    "envelope-to",
    "feedback-id",
    "importance",
    "in-reply-to",
    "list-id",
    "list-post",
    "list-unsubscribe",
    "mailing-list",
    "precedence",
    "received",
    "received-spf",
    "references",
    "return-path",
    "sender",
    "thread-index",
    "thread-topic",
    "user-agent",
    "x-ahadi-loop",
    "x-auto-response-suppress",
    "x-autoreply",
    "x-autorespond",
    "x-delivered-to",
    "x-envelope-to",
    "x-failed-recipients",
    "x-forwarded-to",
    "x-loop",
    "x-mailer",
    "x-original-to",
    "x-precedence",
    "x-priority",
    "x-servicenow-generated",
    "x-spam-flag",
    "x-spam-score",
    "x-spam-status",
}


def parse(raw: bytes) -> Mail:
    """Read a raw mail; what is broken is repaired or left out and named in `defects`; never raises."""
    mail = _parsed(raw)
    if not mail.bounce:
        inside = [file.content for file in mail.attachments if file.content_type == "message/rfc822"]
        mail.enclosed = [_shown(_parsed(content)) for content in inside[:MAX_ENCLOSED]]
    return mail


def _parsed(raw: bytes) -> Mail:
    mail = Mail()
    try:
        _read(bytes(raw), mail)
    except Exception as error:  # Nothing a stranger sends may stop the intake: the raw message is kept.
        mail.defects.append(f"unreadable:{type(error).__name__}")
        _read_plainly(bytes(raw), mail)
    return mail


def _shown(mail: Mail) -> Enclosed:
    return Enclosed(
        mail.subject[:250],
        mail.sender.name,
        mail.sender.email,
        ", ".join(map(str, mail.to[:20])),
        mail.date.isoformat() if mail.date else "",
        mail.text[:MAX_ENCLOSED_TEXT],
        tuple(file.name for file in mail.attachments),
    )


def parse_head(raw: bytes, defect: str) -> Mail:
    """Headers and the beginning of the body, with the defect that kept the rest from being read."""
    mail = Mail(defects=[defect])
    _read_plainly(bytes(raw[:MAX_HEAD]), mail)
    return mail


def _read(raw: bytes, mail: Mail) -> None:
    if len(raw) > MAX_SIZE:
        mail.defects.append("unreadable:too-large")
        _read_plainly(raw[:MAX_HEAD], mail)
        return
    boundaries = len(_BOUNDARY.findall(raw))
    if boundaries > MAX_BOUNDARIES or boundaries * raw.count(b"\n") > MAX_COMPARISONS:
        mail.defects.append("too-many-parts")
        _read_plainly(raw, mail)
        return
    message = BytesParser(policy=compat32).parsebytes(_without_envelope(raw))
    _read_headers(message, mail)
    parts = list(_parts(message, mail))
    _read_parts(parts, mail)
    _classify(message, parts, mail)


def _read_plainly(raw: bytes, mail: Mail) -> None:
    """Headers and the body as it stands, for mails whose structure cannot be followed."""
    try:
        message = BytesHeaderParser(policy=compat32).parsebytes(raw[:MAX_TEXT])
        _read_headers(message, mail)
        mail.automatic_reason = automatic_reason(message, mail.sender)
        mail.is_automatic = bool(mail.automatic_reason)
        mail.wants_no_answer = wants_no_answer(message)
    except Exception as error:  # The last resort has to hold for every input.
        mail.defects.append(f"headers:{type(error).__name__}")
    if not mail.text:
        body = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[-1]
        mail.text = _tidy(decode(body[:MAX_TEXT])[0])


def _without_envelope(raw: bytes) -> bytes:
    """Cut a byte order mark and blank lines that stand before the first header."""
    return raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")


def _read_headers(message: Message, mail: Mail) -> None:
    mail.subject = headers.text_of(message, "Subject")[:2_000]
    mail.sender = headers.sender_of(message)
    mail.to = headers.addresses(message, "To")
    mail.cc = headers.addresses(message, "Cc")
    mail.reply_to = headers.addresses(message, "Reply-To")
    mail.message_id = headers.message_id(message)
    mail.in_reply_to = headers.ids(message, "In-Reply-To")
    mail.references = headers.ids(message, "References")[-500:]
    mail.date = headers.date_of(headers.text_of(message, "Date"))
    kept: dict[str, tuple[str, ...]] = {}
    for name, value in message.raw_items():
        folded = name.lower()
        if folded in KEPT_HEADERS and len(kept.get(folded, ())) < MAX_REPEATED:
            kept[folded] = (*kept.get(folded, ()), headers.decoded(str(value)[: headers.MAX_VALUE]))
    mail.headers = {name: kept[name] for name in sorted(kept)}
    for name, missing in (
        ("From", not mail.sender.email),
        ("Date", not mail.date),
        ("Message-ID", not mail.message_id),
    ):
        if missing:
            mail.defects.append(f"no-{name.lower()}")


def _parts(message: Message, mail: Mail) -> Iterator[Message]:
    """The leaves of a mail in order; an attached mail is one leaf."""
    waiting, seen = [(message, 0)], 0
    while waiting:
        part, depth = waiting.pop()
        seen += 1
        if seen > MAX_PARTS:
            mail.defects.append("too-many-parts")
            return
        mail.defects += [f"mime:{type(defect).__name__}" for defect in part.defects[:5]]
        children = part.get_payload() if part.get_content_maintype() == "multipart" else None
        if not isinstance(children, list):
            yield part
        elif depth >= MAX_DEPTH:
            mail.defects.append("too-deep")
        else:
            waiting += [(child, depth + 1) for child in reversed(children) if isinstance(child, Message)]


def _read_parts(parts: list[Message], mail: Mail) -> None:
    texts: list[str] = []
    pages: list[str] = []
    named: list[Message] = []
    for part in parts:
        kind = part.get_content_type()
        if _is_body(part, kind):
            (pages if kind == "text/html" else texts).append(_text(part, mail))
        else:
            _attach(part, kind, mail)
            if kind == "text/plain" and mail.attachments[-1].inline and not pages:
                named.append(part)
    if named and not any(text.strip() for text in [*texts, *pages]):
        # Some programs give even the words of the mail a file name.
        texts = [_text(named[0], mail)]
    _unpack(texts, pages, mail)
    html, written_in = pictures.lift_out("\n".join(page for page in pages if page))
    mail.attachments = pictures.told_apart(mail.attachments, html) + written_in
    mail.html = html[:MAX_TEXT]
    mail.text = "\n".join(texts)[:MAX_TEXT]
    if mail.html and not mail.text.strip():
        mail.text = markup.to_text(mail.html) or mail.text


def _unpack(texts: list[str], pages: list[str], mail: Mail) -> None:
    """Put what a winmail.dat holds in its place and beside a .msg the mail it is; the unreadable stays."""
    files: list[Attachment] = []
    room = outlook.MAX_SIZE
    for file in mail.attachments:
        if outlook.is_outlook(file.content_type, file.name, file.content):
            room -= len(file.content)
            files += [file, *(_translated(file, mail) if room >= 0 else [])]
            continue
        found = tnef.unpack(file.content) if tnef.is_tnef(file.content_type, file.name) else None
        if found is None:
            if tnef.is_tnef(file.content_type, file.name):
                mail.defects.append("tnef")
            files.append(file)
            continue
        files += found.attachments[:MAX_PARTS]
        is_silent = not any(words.strip() for words in [*texts, *pages])
        if found.rtf and is_silent:
            files.append(Attachment("message.rtf", "application/rtf", found.rtf))
        if found.text and is_silent:
            texts.append(_tidy(found.text))
        if found.html and not pages:
            pages.append(_tidy(found.html))
    mail.attachments = files


def _translated(file: Attachment, mail: Mail) -> list[Attachment]:
    raw = outlook.translate(file.content)
    if raw is None:
        mail.defects.append("outlook")
        return []
    name = re.sub(r"\.msg$", "", file.name, flags=re.IGNORECASE)
    return [Attachment(headers.safe_name(f"{name}.eml"), "message/rfc822", raw)]


def _is_body(part: Message, kind: str) -> bool:
    if part.get_content_maintype() == "multipart":
        return True
    if kind not in ("text/plain", "text/html", "text/enriched", "text"):
        return False
    return _disposition(part) != "attachment" and not headers.file_name(part)


def _disposition(part: Message) -> str:
    return str(part.get("content-disposition", "")).split(";")[0].strip().strip('"').lower()


def _text(part: Message, mail: Mail) -> str:
    content = _content(part)
    text, trusted = decode(content[: MAX_TEXT * 4], _charset(part))
    if not trusted:
        mail.defects.append("charset")
    repaired = text.count("\ufffd")
    if repaired:
        mail.defects.append(f"replaced:{repaired}")
    return _tidy(text)


def _charset(part: Message) -> str:
    try:
        value = part.get_param("charset", "")
    except (ValueError, TypeError, IndexError, AttributeError, UnicodeError):
        return ""
    return str(value[2] if isinstance(value, tuple) else value)


def _tidy(text: str) -> str:
    """Line ends as one character, and nothing a database refuses."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").removeprefix("\ufeff")
    return text.encode("utf-8", "replace").decode("utf-8")


def _content(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes):
        return payload
    enclosed = part.get_payload()
    if isinstance(enclosed, list):
        return b"\n".join(_enclosed(child) for child in enclosed if isinstance(child, Message))
    return str(enclosed or "").encode("utf-8", "surrogateescape")


def _enclosed(message: Message) -> bytes:
    try:
        return message.as_bytes(policy=compat32)
    except (UnicodeError, LookupError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        lines = [f"{key}: {value}" for key, value in message.raw_items()]
        return "\n".join(lines).encode("utf-8", "surrogateescape")


def _attach(part: Message, kind: str, mail: Mail) -> None:
    content_id = headers.text_of(part, "Content-ID").strip("<> ")
    inline = _disposition(part) == "inline" or (bool(content_id) and _disposition(part) != "attachment")
    content = _content(part)
    name = headers.file_name(part) or _title(part, kind)
    if kind == "text/calendar" and mail.invitation is None:
        mail.invitation = invitations.read(content)
    if not name:
        nameless = sum(file.name.startswith("noname") for file in mail.attachments)
        name = f"noname{nameless + 1}"
    mail.attachments.append(Attachment(name, kind, content, content_id, inline))


def _title(part: Message, kind: str) -> str:
    """An attached mail is named by its subject."""
    enclosed = part.get_payload()
    if kind != "message/rfc822" or not isinstance(enclosed, list) or not isinstance(enclosed[0], Message):
        return ""
    subject = re.sub(r"[/\\]", "-", headers.text_of(enclosed[0], "Subject"))
    return headers.safe_name(f"{subject}.eml") if subject else ""


def _classify(message: Message, parts: list[Message], mail: Mail) -> None:
    mail.automatic_reason = automatic_reason(message, mail.sender)
    mail.is_automatic = bool(mail.automatic_reason)
    mail.wants_no_answer = wants_no_answer(message)
    mail.seal = seal_of(message, parts, mail.text)
    mail.bounce = bounces_of(message, parts, mail)
    if mail.bounce and not mail.is_automatic:
        mail.is_automatic, mail.automatic_reason = True, "bounce"

"""The mail inside a forwarded mail: attached as a whole, or written out below a block of headers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import getaddresses

from ahadi.lib.mail import bounded
from ahadi.lib.mail.blocks import MAX_LINES, Line, attribution, header_block, is_separator, lines_of
from ahadi.lib.mail.headers import date_of
from ahadi.lib.mail.message import Attachment, Mail, Mailbox
from ahadi.lib.mail.words import WRITTEN_LABELS

_CROWDED = re.compile(r"^[\s>]*-{2,40}\s?[^-\d\n]{3,60}?\s?-{2,40}\s+(?=\S)")
# A label in the middle of a line stands behind the end of another value; short ones could be part of a word.
_LABEL_INSIDE = re.compile(
    "(?:(?<=^)|(?<=[>\\s])|(?<=[0-9a-zA-ZČ]))("
    + "|".join(re.escape(word[:1].upper() + word[1:]) for word in WRITTEN_LABELS if len(word) >= 2)
    + r")\s?[:：]\s?"
)


# What programs put before the subject of a forwarded mail.
_FORWARD_SUBJECT = re.compile(
    r"^\s*(?:fwd?|fw|wg|tr|rv|enc|i|pd|vb|vs|vl|doorst|ilt|továbbítás|pfw|переслано|הועבר|ارجاع|转发|轉寄|転送|전달)"
    r"\s?[:：]\s*",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:[\"«“„]([^\"«»“”„@<>]{1,80})[\"»”“]|(?<=[,\s])([^\d,<>@\"]{1,80}))?\s*"
    r"[<(\[](?:mailto:)?(?P<email>[^\s<>()\[\]]{1,64}@[^\s<>()\[\]]{1,255})[>)\]]"
)


@dataclass
class Original:
    """A mail as somebody passed it on; nothing in it is proven."""

    sender: Mailbox = field(default_factory=Mailbox)
    to: list[Mailbox] = field(default_factory=list)
    subject: str = ""
    date: datetime | None = None
    text: str = ""
    files: list[Attachment] = field(default_factory=list)


def original_message(mail: Mail) -> Original | None:
    """The forwarded mail, or None when nothing in the mail reads like one."""
    for attachment in mail.attachments:
        if attachment.content_type == "message/rfc822" and not mail.bounce:
            inner = bounded.read(attachment.content)
            if inner.sender.email:
                # Only its words are passed on, so every file stands beside them.
                files = [replace(file, content_id="", inline=False) for file in inner.attachments]
                return Original(inner.sender, inner.to, inner.subject, inner.date, inner.text, files)
    return _written_out(mail.text) or _told(mail)


def _written_out(text: str) -> Original | None:
    text = _spread(text.replace("\r\n", "\n"))
    if re.search(r"^> ?", text, re.MULTILINE):
        text = _unquoted(text)
    lines = lines_of(text)
    for at in range(len(lines)):
        if lines[at].label is None:
            continue
        length = header_block(lines, at, after_ruler=_is_introduced(lines, at))
        if length:
            found = _read(lines[at : at + length])
            if found.sender.email or found.sender.name:
                found.text = "\n".join(text.split("\n")[at + length :]).strip("\n")
                return found
    return None


def _spread(text: str) -> str:
    """Yahoo prints separator and headers in one line: each header gets a line of its own."""
    lines = text.split("\n", MAX_LINES)
    for number, line in enumerate(lines[:MAX_LINES]):
        if (found := _CROWDED.match(line[:2_000])) and "@" in line:
            head, rest = line[: found.end()], line[found.end() : 2_000]
            lines[number] = (
                head.rstrip() + "\n" + _LABEL_INSIDE.sub(r"\n\1: ", rest).strip() + line[2_000:] + "\n"
            )
            return "\n".join(lines)
    return text


def _unquoted(text: str) -> str:
    """Apple quotes the whole forwarded mail, headers and all."""
    quoted = [line for line in text.split("\n") if line.startswith(">")]
    lifted = "\n".join(re.sub(r"^> ?", "", line) for line in quoted)
    lines = lines_of(lifted)
    if any(header_block(lines, at) for at in range(min(len(lines), 12)) if lines[at].label):
        return lifted
    return text


def _told(mail: Mail) -> Original | None:
    """Only "On … wrote:" above it: believed where nothing else is said, or in what is called a forward."""
    lines = lines_of(mail.text.replace("\r\n", "\n"))
    is_forward = bool(_FORWARD_SUBJECT.match(mail.subject))
    for at, line in enumerate(lines):
        if line.is_blank:
            continue
        length = attribution(lines, at, before_quote=is_forward) or attribution(lines, at, before_quote=False)
        if length:
            words = " ".join(line.plain.strip() for line in lines[at : at + length])
            body = mail.text.replace("\r\n", "\n").split("\n")[at + length :]
            return _from_attribution(words, mail.subject, body)
        if not is_forward:
            return None
    return None


def _from_attribution(words: str, subject: str, body: list[str]) -> Original | None:
    found = _NAMED.search(words)
    if found is None:
        return None
    name = next((part for part in found.groups()[:2] if part), "").strip(" \"'«»“”„")
    # A verb may stand before the name; names begin with a capital letter where there are capitals.
    name = re.sub(r"^(?:[^\W\d_A-Z]\S*\s+(?=[A-Z]))+", "", name)
    lifted = [re.sub(r"^(?:> ?| {4}|\t)", "", line) for line in body]
    local, _, domain = found["email"].rpartition("@")
    return Original(
        Mailbox(f"{local}@{domain.lower()}", name),
        subject=_FORWARD_SUBJECT.sub("", subject),
        text="\n".join(lifted).strip("\n"),
    )


def _is_introduced(lines: list[Line], at: int) -> bool:
    above = next(
        (number for number in range(at - 1, max(at - 4, -1), -1) if not lines[number].is_blank), None
    )
    return above is not None and (lines[above].is_ruler or is_separator(lines, above))


def _read(block: list[Line]) -> Original:
    found = Original()
    for line in block:
        role, value = line.label or ("", "")
        if role == "sender" and not found.sender.email:
            found.sender = _mailbox(value)
        elif role == "to" and not found.to:
            found.to = [box for box in map(_mailbox, re.split(r"[;,]\s*(?=[^,;]*@)", value)) if box.email]
        elif role == "subject" and not found.subject:
            found.subject = value
        elif role == "date" and found.date is None:
            found.date = _moment(value)
        elif not role and not found.sender.email and "@" in value:
            found.sender = _mailbox(value)
    return found


def _moment(value: str) -> datetime | None:
    """Programs for people write "5:17 PM" and "at", which the standard does not know."""

    def of_24(hour: re.Match[str]) -> str:
        return f"{int(hour[1]) % 12 + (12 if hour[3] in 'Pp' else 0)}:{hour[2]}"

    value = re.sub(r"\b(\d{1,2}):(\d{2}(?::\d{2})?)\s*([AaPp])\.?[Mm]\b\.?", of_24, value)
    return date_of(value) or date_of(re.sub(r"\s*\bat\b|,(?=\s\d{1,2}:)", "", value))


def _mailbox(value: str) -> Mailbox:
    # Outlook writes "Name [mailto:address]", others "Name <address<mailto:address>>".
    value = re.sub(r"(@[^\s<>\[\]]+)[<\[]mailto:[^\s<>\[\]]+[>\]]", r"\1", value)
    value = re.sub(r"<?mailto:([^\s<>\]]+)>?", r"\1", value)
    email = re.search(r"[^\s<>()\[\]\"',;:]+@[^\s<>()\[\]\"',;:]+", value)
    if email is None:
        return Mailbox("", value.strip("\"' "))
    name, _ = getaddresses([value])[0] if "<" in value else ("", "")
    name = name or value[: email.start()].strip(" <[(\"'")
    local, _, domain = email.group().rpartition("@")
    return Mailbox(f"{local}@{domain.lower()}", "" if "@" in name else name.strip("\"'* "))

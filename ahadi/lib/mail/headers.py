"""Header values as people wrote them: RFC 2047 and 2231 decoded, raw bytes repaired, one line each."""

from __future__ import annotations

import binascii
import re
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses, parsedate_tz, unquote
from urllib.parse import unquote_to_bytes

from ahadi.lib.mail.charsets import decode
from ahadi.lib.mail.message import Mailbox

MAX_VALUE = 65_536
MAX_ADDRESSES = 1_000

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_CONTROLS = re.compile("[\x00-\x08\x0a-\x1f\x7f\u2028\u2029]+")
_BIDI = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")
_ID = re.compile(r"<([^<>\s]{1,998})>")
_ADDRESS = re.compile(r"[^\s<>()\[\]:;,\"'@\\]{1,64}@[^\s<>()\[\]:;,\"'@\\]{1,255}")
_IN_ANGLES = re.compile(r"<\s*([^<>\s]+@[^<>\s]+)\s*>")


def raw_values(message: Message, name: str) -> list[str]:
    """All values of one header as they stand in the mail, in order, each bounded in length."""
    wanted = name.lower()
    return [str(value)[:MAX_VALUE] for key, value in message.raw_items() if key.lower() == wanted]


def text_of(message: Message, name: str) -> str:
    """The first value of a header, decoded."""
    values = raw_values(message, name)
    return decoded(values[0]) if values else ""


def decoded(value: str) -> str:
    """One line of text out of a raw header value, without line breaks or control characters."""
    plain = re.sub(r"\r?\n(?=[ \t])", "", _repaired(value))
    plain = _BETWEEN_WORDS.sub(r"\1", _joined(plain))
    plain = _WORD.sub(_decode_word, plain)
    return _CONTROLS.sub(" ", _without_surrogates(plain)).strip()


def _repaired(value: str) -> str:
    if value.isascii():
        return value
    return decode(value.encode("utf-8", "surrogateescape"))[0]


def _without_surrogates(value: str) -> str:
    return value.encode("utf-8", "replace").decode("utf-8")


def _joined(value: str) -> str:
    """Put the bytes of a character together that was cut between two encoded words."""
    words = list(_WORD.finditer(value))
    for left, right in zip(reversed(words[:-1]), reversed(words[1:]), strict=True):
        same = left[1].lower() == right[1].lower() and left[2].lower() == right[2].lower()
        between = value[left.end() : right.start()]
        if (
            same
            and not between.strip()
            and (left[2] in "qQ" or (len(left[3]) % 4 == 0 and "=" not in left[3]))
        ):
            value = value[: left.end() - 2] + value[right.start(3) :]
    return value


def _decode_word(word: re.Match[str]) -> str:
    charset, encoding, body = word[1].split("*")[0], word[2].lower(), word[3]
    if encoding == "q":
        content = binascii.a2b_qp(body.replace("_", " ").encode("utf-8", "replace"))
    else:
        letters = re.sub(r"[^A-Za-z0-9+/]", "", body)
        letters = letters[:-1] if len(letters) % 4 == 1 else letters
        content = binascii.a2b_base64(letters + "=" * (-len(letters) % 4))
    return decode(content, charset)[0]


def addresses(message: Message, name: str) -> list[Mailbox]:
    """The mailboxes of all headers of that name, without empty groups and repetitions."""
    found: dict[str, Mailbox] = {}
    for value in raw_values(message, name):
        for mailbox in _mailboxes(value):
            found.setdefault(mailbox.email, mailbox)
            if len(found) >= MAX_ADDRESSES:
                return list(found.values())
    return list(found.values())


def sender_of(message: Message) -> Mailbox:
    """The one address a mail says it is from; a comma in an unquoted name does not make two."""
    for value in raw_values(message, "From") or raw_values(message, "Sender"):
        angled = _IN_ANGLES.findall(value)
        if len(angled) == 1:
            name = _name(value[: value.index("<")])
            return Mailbox(_email(angled[0]), "" if name == angled[0] else name)
        found = _mailboxes(value)
        if found:
            return found[0]
        if value.strip():
            return Mailbox("", _name(re.sub(r"<[^<>]*>?", "", value)))
    return Mailbox()


def _mailboxes(value: str) -> list[Mailbox]:
    flat = re.sub(r"\s*\r?\n\s*", " ", value)
    try:
        pairs = getaddresses([flat])
    except (ValueError, IndexError, TypeError, AttributeError, RecursionError):
        pairs = []
    found = [Mailbox(_email(email), _name(name)) for name, email in pairs if "@" in email]
    if not found:
        found = [Mailbox(_email(email)) for email in _ADDRESS.findall(decoded(value))]
    return [Mailbox(box.email, "" if box.name == box.email else box.name) for box in found if box.email]


def _email(value: str) -> str:
    cleaned = _BIDI.sub("", _CONTROLS.sub("", _without_surrogates(_repaired(value)))).replace(" ", "")
    local, _, domain = cleaned.strip("<>'\"").removeprefix("mailto:").rpartition("@")
    return f"{local}@{domain.lower()}"[:320] if local and domain else ""


def _name(value: str) -> str:
    name = decoded(value).strip().strip(",;").strip()
    # Only quotation marks are wrapping: `unquote` would also take angle brackets that are part of the name.
    plain = unquote(name) if name.startswith('"') else name
    return _BIDI.sub("", plain).strip("'\" ").strip()[:200]


def ids(message: Message, name: str) -> list[str]:
    """The message ids in a header, each in its angle brackets, oldest first."""
    found: list[str] = []
    for value in raw_values(message, name):
        flat = _CONTROLS.sub("", _repaired(value))
        angled = [f"<{token}>" for token in _ID.findall(flat)]
        found += angled or [f"<{token}>" for token in flat.split() if "@" in token and len(token) < 998]
    return list(dict.fromkeys(_without_surrogates(token) for token in found))


def message_id(message: Message) -> str:
    """The id of the mail in angle brackets, or an empty string; also when the brackets are missing."""
    found = ids(message, "Message-ID")
    if found:
        return found[0]
    bare = text_of(message, "Message-ID").strip("<> ")
    return f"<{bare}>" if bare and len(bare) < 998 and " " not in bare else ""


def date_of(value: str) -> datetime | None:
    """The moment a date header names, in UTC; None when it cannot be read."""
    value = value[:200]
    for candidate in (
        value,
        re.sub(r"\([^)]*\)|[^\x20-\x7e]|\b(?:UT|Uhr)\b", " ", value),
        value.replace("-", " "),
    ):
        try:
            parts = parsedate_tz(candidate)
            if parts is not None:
                moment = datetime(*parts[:6], tzinfo=UTC).timestamp() - (parts[9] or 0)
                return datetime.fromtimestamp(moment, UTC)
        except (ValueError, OverflowError, OSError, TypeError, IndexError):
            continue
    try:
        moment_read = datetime.fromisoformat(value.strip())
        return (moment_read if moment_read.tzinfo else moment_read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def file_name(message: Message) -> str:
    """The name a part gives its file, from either header and in any of the encodings in use."""
    for header, param in (("content-disposition", "filename"), ("content-type", "name")):
        try:
            value = message.get_param(param, None, header)
        except (ValueError, TypeError, IndexError, AttributeError, UnicodeError, LookupError):
            continue
        if isinstance(value, tuple):
            content = value[2].encode("latin-1", "replace")
            name = decode(content, value[0] or "")[0]
        else:
            name = decoded(str(value)) if value else ""
        if re.match(r"^[\w-]+'[\w-]*'.*%[0-9A-Fa-f]{2}", name):
            charset, _, rest = name.split("'", 2)
            name = decode(unquote_to_bytes(rest), charset)[0]
        if name.strip():
            return safe_name(name)
    return ""


def safe_name(name: str) -> str:
    """A file name without path, control or direction characters, at most 200 bytes, extension kept."""
    plain = _BIDI.sub("", _CONTROLS.sub("", _without_surrogates(name))).replace("\t", " ")
    plain = re.split(r"[/\\]", plain.strip())[-1].strip()
    if not plain.strip("."):
        return ""
    if len(plain.encode()) <= 200:
        return plain
    stem, dot, extension = plain.rpartition(".")
    if not dot or len(extension.encode()) > 20:
        return plain.encode()[:200].decode("utf-8", "ignore")
    return stem.encode()[: 199 - len(extension.encode())].decode("utf-8", "ignore") + "." + extension

"""Outlook's .msg files translated into mails that every program reads.

MS-OXMSG: a compound file whose folders are the message, its recipients and its files. Each has a row of 16
bytes for every property; values of fixed length stand in the row, others in a stream of their own.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.encoders import encode_base64
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import HeaderParser
from email.policy import compat32
from email.utils import format_datetime, formataddr
from hashlib import sha256
from io import BytesIO
from mimetypes import guess_type

import olefile  # type: ignore[import-untyped]

from ahadi.lib.mail import headers
from ahadi.lib.mail.charsets import decode
from ahadi.lib.mail.message import Mailbox

# What the library finds odd in a stranger's file is nobody's concern.
logging.getLogger("olefile").setLevel(logging.CRITICAL)

# In one mail together: a megabyte takes a fifth of a second to be translated and read.
MAX_SIZE = 8 * 1024 * 1024
MAX_DEPTH = 5
MAX_FILES = 100
MAX_RECIPIENTS = 1_000

# Where the head of the file says how many sectors its tables have, and the least that one takes (MS-CFB 2.2).
_COUNTS, _SECTOR = (44, 64, 72), 512
# Bytes before the first row, by the kind of folder.
_MAIL, _ENCLOSED, _PART = 32, 24, 8
_ROW = struct.Struct("<HHI8s")
_STRING8, _UNICODE, _BINARY, _STORAGE = 0x001E, 0x001F, 0x0102, 0x000D
# The code pages that Python calls by another name than "cp" and the number.
_CODEPAGES = {20127: "ascii", 20866: "koi8-r", 21866: "koi8-u", 38598: "iso-8859-8-i", 65001: "utf-8"}
_SINCE = datetime(1601, 1, 1, tzinfo=UTC)
_BY_VALUE, _EMBEDDED = 1, 5


def is_outlook(content_type: str, name: str, content: bytes) -> bool:
    """Whether a file is a message as Outlook saves it."""
    is_called_so = content_type == "application/vnd.ms-outlook" or name.lower().endswith(".msg")
    return is_called_so and content.startswith(olefile.MAGIC)


def translate(content: bytes) -> bytes | None:
    """The message as RFC 5322, the same bytes for the same file; None where it cannot be read."""
    try:
        if not _is_as_long_as_it_says(content):
            return None
        with olefile.OleFileIO(BytesIO(content)) as ole:
            is_true = all(entry is None or entry.size <= len(content) for entry in ole.direntries)
            mail = _mail(_Folder(ole, [], _MAIL), 0) if is_true else None
        if mail is None:
            return None
        for number, part in enumerate(mail.walk()):
            if isinstance(part, MIMEMultipart):
                part.set_boundary(f"{sha256(content).hexdigest()[:32]}-{number}")
        return mail.as_bytes(policy=compat32)
    except Exception:  # Whatever the library stumbles over, the file is kept.
        return None


def _is_as_long_as_it_says(content: bytes) -> bool:
    """No table has more sectors than the file: a chain in a circle is read for as long as its length says."""
    counts = (int.from_bytes(content[at : at + 4], "little") for at in _COUNTS)
    return all(count * _SECTOR <= len(content) for count in counts)


class _Folder:
    """One folder of the file: its properties by their numbers, and the folders in it."""

    def __init__(self, ole: olefile.OleFileIO, path: list[str], head: int) -> None:
        self._ole, self.path = ole, path
        rows = ole.openstream([*path, "__properties_version1.0"]).read()[head:]
        whole = rows[: len(rows) // _ROW.size * _ROW.size]
        self._fixed = {number: value for _, number, _, value in _ROW.iter_unpack(whole)}

    def number(self, number: int) -> int:
        return int.from_bytes(self._fixed.get(number, b"")[:4], "little")

    def moment(self, number: int) -> datetime | None:
        """In tenths of microseconds since 1601."""
        ticks = int.from_bytes(self._fixed.get(number, b""), "little")
        try:
            return (_SINCE + timedelta(microseconds=ticks // 10)).replace(microsecond=0) if ticks else None
        except OverflowError:
            return None

    def content(self, number: int, kind: int = _BINARY) -> bytes:
        place = [*self.path, f"__substg1.0_{number:04X}{kind:04X}"]
        return bytes(self._ole.openstream(place).read()) if self._ole.exists(place) else b""

    def text(self, number: int) -> str:
        if wide := self.content(number, _UNICODE):
            found = wide.decode("utf-16-le", "replace")
        else:
            found = decode(self.content(number, _STRING8), self.charset(0x3FFD))[0]
        return found.replace("\x00", "")

    def line(self, number: int) -> str:
        return " ".join(self.text(number).split())[:2_000]

    def charset(self, number: int) -> str:
        codepage = self.number(number)
        return _CODEPAGES.get(codepage, f"cp{codepage}" if codepage else "")

    def folders(self, beginning: str, most: int) -> Iterator[_Folder]:
        """Those in this one whose name begins so, in the order of their numbers."""
        depth = len(self.path) + 1
        paths = {
            tuple(path[:depth])
            for path in self._ole.listdir(streams=False, storages=True)
            if path[: depth - 1] == self.path
            and path[depth - 1 : depth]
            and path[depth - 1].startswith(beginning)
        }
        for path in sorted(paths)[:most]:
            yield _Folder(self._ole, list(path), _PART)

    def enclosed(self) -> _Folder | None:
        """The message that a file of a message is."""
        place = [*self.path, f"__substg1.0_3701{_STORAGE:04X}"]
        return _Folder(self._ole, place, _ENCLOSED) if self._ole.exists(place) else None


def _mail(found: _Folder, depth: int) -> MIMEMultipart | None:
    mail = MIMEMultipart("mixed")
    _address(mail, found)
    words = _words(found)
    if not (words or mail["Subject"] or mail["From"]):
        return None
    files = [_file(each, depth) for each in found.folders("__attach_version1.0_", MAX_FILES)]
    for part in [*words, *filter(None, files)]:
        mail.attach(part)
    return mail


def _address(mail: Message, found: _Folder) -> None:
    """Head lines: as they came by mail where the file has them, and from its properties otherwise."""
    came = HeaderParser(policy=compat32).parsestr(found.text(0x007D))
    sender = headers.sender_of(came)
    if not sender.email:
        sender = _mailbox(found, [0x5D01, 0x5D02, 0x0C1F, 0x0065], [0x0C1A, 0x0042])
    recipients = _recipients(found)
    boxes = {name: headers.addresses(came, name) or recipients[name] for name in ("To", "Cc")}
    for name, listed in {"From": [sender] if sender.email or sender.name else [], **boxes}.items():
        if listed:
            mail[name] = ", ".join(_written(box) for box in listed)
    if subject := found.line(0x0037):
        mail["Subject"] = Header(subject, "utf-8", maxlinelen=72).encode()
    if (
        moment := headers.date_of(headers.text_of(came, "Date"))
        or found.moment(0x0039)
        or found.moment(0x0E06)
    ):
        mail["Date"] = format_datetime(moment)
    if name := headers.message_id(came) or found.line(0x1035):
        mail["Message-ID"] = name.encode("ascii", "ignore").decode()


def _recipients(found: _Folder) -> dict[str, list[Mailbox]]:
    """By the line they stood in; whoever got a hidden copy is left out."""
    lines: dict[str, list[Mailbox]] = {"To": [], "Cc": []}
    for each in found.folders("__recip_version1.0_", MAX_RECIPIENTS):
        kind = {1: "To", 2: "Cc"}.get(each.number(0x0C15))
        box = _mailbox(each, [0x39FE, 0x3003], [0x3001])
        if kind and (box.email or box.name):
            lines[kind].append(box)
    return lines


def _mailbox(found: _Folder, addresses: list[int], names: list[int]) -> Mailbox:
    """The first that is an address: inside a company Exchange writes paths of its directory instead."""
    email = next((each for number in addresses if "@" in (each := found.line(number))), "")
    name = next((each for number in names if (each := found.line(number))), "")
    return Mailbox("".join(email.split())[:320], "" if name == email else name[:200])


def _written(box: Mailbox) -> str:
    return formataddr((box.name, box.email.encode("ascii", "ignore").decode()), "utf-8")


def _words(found: _Folder) -> list[Message]:
    """The words in the forms there are."""
    text, page = found.text(0x1000), found.text(0x1013)
    if not page:
        page = decode(found.content(0x1013), found.charset(0x3FDE))[0].replace("\x00", "")
    forms: list[Message] = [
        MIMEText(words, kind, "utf-8") for words, kind in ((text, "plain"), (page, "html")) if words.strip()
    ]
    return [MIMEMultipart("alternative", None, forms)] if len(forms) == 2 else forms


def _file(found: _Folder, depth: int) -> Message | None:
    if found.number(0x3705) == _EMBEDDED and depth < MAX_DEPTH:
        enclosed = found.enclosed()
        mail = _mail(enclosed, depth + 1) if enclosed is not None else None
        return MIMEMessage(mail) if mail is not None else None
    content = found.content(0x3701)
    if found.number(0x3705) != _BY_VALUE or not content:
        return None
    name = headers.safe_name(found.line(0x3707) or found.line(0x3704)) or "noname"
    kind = guess_type(name)[0] or "application/octet-stream"
    part = MIMEBase(*kind.split("/", 1))
    part.set_payload(content)
    encode_base64(part)
    content_id = found.line(0x3712).encode("ascii", "ignore").decode()
    part.add_header(
        "Content-Disposition", "inline" if content_id else "attachment", filename=("utf-8", "", name)
    )
    if content_id:
        part["Content-ID"] = f"<{content_id}>"
    return part

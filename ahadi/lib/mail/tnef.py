"""Outlook's winmail.dat taken apart into the files and the words it holds."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from mimetypes import guess_type
from typing import Any

from tnefparse import TNEF  # type: ignore[import-untyped]

from ahadi.lib.mail.charsets import decode
from ahadi.lib.mail.headers import safe_name
from ahadi.lib.mail.message import Attachment

# What the library finds odd in a stranger's file is nobody's concern.
logging.getLogger("tnefparse").setLevel(logging.CRITICAL)

NAMES = {"application/ms-tnef", "application/vnd.ms-tnef"}


@dataclass
class Unpacked:
    """What was inside."""

    text: str = ""
    html: str = ""
    rtf: bytes = b""
    attachments: list[Attachment] = field(default_factory=list)


def is_tnef(content_type: str, name: str) -> bool:
    """Whether a part is such a file, by type or by name."""
    return content_type in NAMES or name.lower() == "winmail.dat"


def unpack(content: bytes) -> Unpacked | None:
    """Files and words, or None where the file holds nothing that can be read: then it stays as it is."""
    try:
        packed = TNEF(content)
        found = Unpacked(_words(packed.body), _words(packed.htmlbody))
        found.attachments = [
            file for number, part in enumerate(packed.attachments, 1) if (file := _file(part, number))
        ]
        if not (found.text.strip() or found.html.strip()) and (rtf := packed.rtfbody):
            found.rtf = bytes(rtf)
    except Exception:  # Whatever the library stumbles over, the file is kept.
        return None
    return found if found.text.strip() or found.html.strip() or found.rtf or found.attachments else None


def _words(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, bytes):
        value = decode(value.rstrip(b"\x00"))[0]
    return str(value or "").rstrip("\x00").replace("\x00", "").replace("\r\n", "\n")


def _file(part: Any, number: int) -> Attachment | None:
    content = getattr(part, "data", b"")
    if not isinstance(content, bytes) or not content:
        return None
    written = part.long_filename() or part.name
    if isinstance(written, bytes):
        written = decode(written)[0]
    name = safe_name(str(written or "").rstrip("\x00")) or f"noname{number}"
    return Attachment(name, guess_type(name)[0] or "application/octet-stream", content)

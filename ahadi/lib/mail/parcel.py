"""A read mail as bytes and back: JSON for the words, the files behind it; nothing in it can run."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from ahadi.lib.mail.message import Attachment, Bounce, Enclosed, Invitation, Mail, Mailbox

_BOXES = ("to", "cc", "reply_to")


def packed(mail: Mail) -> bytes:
    """The mail as bytes."""
    bare = replace(mail, attachments=[replace(file, content=b"") for file in mail.attachments])
    words = asdict(bare)
    words["date"] = mail.date.isoformat() if mail.date else None
    words["attachments"] = [
        {**{name: value for name, value in each.items() if name != "content"}, "size": len(file.content)}
        for each, file in zip(words["attachments"], mail.attachments, strict=True)
    ]
    said = json.dumps(words).encode()
    return b"".join([struct.pack(">Q", len(said)), said, *(file.content for file in mail.attachments)])


def opened(parcel: bytes) -> Mail:
    """The mail that was packed; ValueError, KeyError or TypeError for anything else."""
    try:
        (size,) = struct.unpack_from(">Q", parcel)
    except struct.error as error:
        raise ValueError(str(error)) from error
    words: dict[str, Any] = json.loads(parcel[8 : 8 + size])
    words["attachments"] = _files(words["attachments"], memoryview(parcel)[8 + size :])
    words["sender"] = Mailbox(**words["sender"])
    for name in _BOXES:
        words[name] = [Mailbox(**box) for box in words[name]]
    words["date"] = datetime.fromisoformat(words["date"]) if words["date"] else None
    words["headers"] = {name: tuple(values) for name, values in words["headers"].items()}
    if words["bounce"] is not None:
        words["bounce"] = [Bounce(**report) for report in words["bounce"]]
    if words["invitation"] is not None:
        words["invitation"] = Invitation(**words["invitation"])
    words["enclosed"] = [Enclosed(**{**each, "files": tuple(each["files"])}) for each in words["enclosed"]]
    return Mail(**words)


def _files(rows: list[dict[str, Any]], contents: memoryview) -> list[Attachment]:
    files, at = [], 0
    for row in rows:
        size = row.pop("size")
        files.append(Attachment(content=bytes(contents[at : at + size]), **row))
        at += size
    return files

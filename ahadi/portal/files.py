"""Files on their way with a form: kept in the store when the form needs another look."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.core.files.uploadedfile import UploadedFile

from ahadi.lib import store
from ahadi.tickets.said import File

SALT = "ahadi.portal.files"
MOST_FILES = 20
LARGEST = 25 * 1024 * 1024
# Controls, and the signs with which a name pretends to end in something harmless.
_TRICKS = re.compile("[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\\\]")


@dataclass(frozen=True)
class Kept:
    """A file that is already here, named by a reference that only this house can write."""

    name: str
    content_type: str
    size: int
    sha256: str

    @property
    def reference(self) -> str:
        """What the page carries in place of the file."""
        return signing.dumps([self.name, self.content_type, self.size, self.sha256], salt=SALT)

    @property
    def file(self) -> File:
        """The file itself."""
        return File(self.name, self.content_type, store.read(self.sha256))


def keep(uploads: Iterable[UploadedFile[Any]]) -> list[Kept]:
    """Put uploaded files into the store."""
    return [_keep(upload) for upload in uploads]


def recall(references: Sequence[str]) -> list[Kept]:
    """The files that a page still carries; foreign references are passed over."""
    found = []
    for reference in references[:MOST_FILES]:
        try:
            name, content_type, size, sha256 = signing.loads(reference, salt=SALT)
        except (signing.BadSignature, ValueError, TypeError):
            continue
        found.append(Kept(str(name), str(content_type), int(size), str(sha256)))
    return found


def _keep(upload: UploadedFile[Any]) -> Kept:
    content = upload.read()
    name = _TRICKS.sub("", upload.name or "").strip()[-200:] or "file"
    return Kept(name, upload.content_type or "application/octet-stream", len(content), store.put(content))

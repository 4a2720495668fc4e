"""Pictures that stand between the words of ours: the text names them, the entry keeps them as its files."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from ahadi.lib import markup
from ahadi.tickets.said import File

# What a browser draws without running anything, by the bytes such a file begins with.
BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


class Named(Protocol):
    """A file as far as it matters here."""

    @property
    def name(self) -> str:
        """What the text calls it."""

    @property
    def is_inline(self) -> bool:
        """It was meant to stand between the words."""


Kept = TypeVar("Kept", bound=Named)


def kind_of(content: bytes) -> str:
    """What kind of picture the bytes are, whatever they are called; nothing for everything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for begin, kind in BEGINNINGS.items() if content.startswith(begin)), "")


def placed(text: str, files: Sequence[File]) -> list[File]:
    """The files of an entry to be: pictures that the text names stand inside, and come first."""
    names = set(markup.pictured(text))
    if not names:
        return list(files)
    done = [_placed(file) if file.name in names else file for file in files]
    return sorted(done, key=lambda file: not file.is_inline)


def shown(text: str, files: Iterable[Kept]) -> list[Kept]:
    """The files that are to be seen between the words."""
    names = set(markup.pictured(text))
    return [file for file in files if file.is_inline and file.name in names] if names else []


def _placed(file: File) -> File:
    kind = kind_of(file.content)
    if not kind or file.is_inline:
        return file
    content_id = file.content_id or f"{secrets.token_hex(12)}@picture"
    return replace(file, content_type=kind, content_id=content_id, is_inline=True)

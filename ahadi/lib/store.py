"""Files kept by their content: the SHA-256 of the bytes is the name; nothing is stored twice or replaced."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from ahadi.lib.shelves import Bucket, Folder, Shelf

_NAME = re.compile(r"[0-9a-f]{64}")


def put(content: bytes) -> str:
    """Write the bytes durably and return their name, the hexadecimal SHA-256; OSError where that fails."""
    name = hashlib.sha256(content).hexdigest()
    _shelf().put(name, content)
    return name


def read(name: str) -> bytes:
    """The bytes stored under a name; raises FileNotFoundError when there are none."""
    return _shelf().read(_checked(name))


def open_file(name: str) -> BinaryIO:
    """A stored file opened for reading, to be streamed."""
    return _shelf().open(_checked(name))


def remove(name: str) -> None:
    """Destroy the bytes stored under a name, as the law sometimes asks."""
    _shelf().remove(_checked(name))


def names() -> Iterator[str]:
    """The name of every stored file."""
    return (name for name in _shelf().names() if _NAME.fullmatch(name))


def try_out() -> None:
    """Write something that leaves no trace; raises OSError where files cannot be written."""
    _shelf().try_out()


def _shelf() -> Shelf:
    place = settings.AHADI_FILES
    return place if isinstance(place, Bucket) else Folder(Path(place))


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise FileNotFoundError(name)
    return name

"""Files kept by their content: the SHA-256 of the bytes is the name; nothing is stored twice or replaced."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from django.conf import settings


def put(content: bytes) -> str:
    """Write the bytes durably and return their name, the hexadecimal SHA-256."""
    name = hashlib.sha256(content).hexdigest()
    target = _path(name)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_durably(content, target)
    return name


def read(name: str) -> bytes:
    """The bytes stored under a name; raises FileNotFoundError when there are none."""
    return _path(name).read_bytes()


def open_file(name: str) -> BinaryIO:
    """A stored file opened for reading, to be streamed."""
    return _path(name).open("rb")


def _path(name: str) -> Path:
    if len(name) != 64 or not all(character in "0123456789abcdef" for character in name):
        raise FileNotFoundError(name)
    return Path(settings.AHADI_FILES) / name[:2] / name[2:4] / name


def _write_durably(content: bytes, target: Path) -> None:
    # The rename makes the file appear whole or not at all, whatever moment the process is killed.
    handle, temporary = tempfile.mkstemp(dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise

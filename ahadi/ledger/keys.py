"""The keys that sign the ledger: made on the first run, kept beside the database, not in its back-up (T-30).

`ledger.json` holds them, oldest first; the last one signs, and the others stay published so that old receipts
keep verifying. `ledger.seen` holds the newest checkpoint ever signed: a database that is older was restored.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from ahadi.ledger.notes import Signer
from ahadi.ledger.verify import COSIGNATURE

FILE, SEEN, WITNESS = "ledger.json", "ledger.seen", "witness.json"


@dataclass(frozen=True)
class Seen:
    """The size and root of the newest checkpoint that this installation signed."""

    size: int
    root: bytes


def signers() -> list[Signer]:
    """Every key, the one that signs last; makes the first one where there is none."""
    if not _path(FILE).exists():
        _add(f"{urlsplit(settings.AHADI_URL).netloc}/ledger", only_first=True)
    return [Signer(key["name"], base64.b64decode(key["secret"])) for key in _read()]


def rotate() -> Signer:
    """A new key of the same name signs from now on."""
    _add(signers()[-1].name)
    return signers()[-1]


def begin_anew() -> Signer:
    """A new name signs from now on: what an older database cannot continue, it must not contradict."""
    first, *_others = (signer.name for signer in signers())
    names = {signer.name for signer in signers()}
    number = next(count for count in range(2, len(names) + 3) if f"{first}/{count}" not in names)
    _add(f"{first}/{number}")
    _path(SEEN).unlink(missing_ok=True)
    return signers()[-1]


def witness() -> Signer:
    """The key with which this installation witnesses the logs of others; made when first asked for."""
    if not _path(WITNESS).exists():
        _add(f"{urlsplit(settings.AHADI_URL).netloc}/witness", only_first=True, file=WITNESS)
    (key,) = json.loads(_path(WITNESS).read_text())
    return Signer(key["name"], base64.b64decode(key["secret"]), COSIGNATURE)


def seen() -> Seen | None:
    """What was signed last, whatever the database says."""
    try:
        size, root = _path(SEEN).read_text().split()
    except FileNotFoundError:
        return None
    return Seen(int(size), bytes.fromhex(root))


def remember(size: int, root: bytes) -> None:
    """Keep what was signed last where no restore of a database reaches it."""
    beside = _path(f"{SEEN}.{secrets.token_hex(4)}")
    beside.write_text(f"{size} {root.hex()}\n")
    beside.replace(_path(SEEN))


def _add(name: str, *, only_first: bool = False, file: str = FILE) -> None:
    known = [] if only_first else _read()
    secret = base64.b64encode(secrets.token_bytes(32)).decode()
    beside = _path(f"{file}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
        json.dump([*known, {"name": name, "secret": secret}], made, indent=1)
        made.flush()
        os.fsync(made.fileno())
    if not only_first:
        beside.replace(_path(file))
        return
    try:
        # A link, unlike a rename, gives way to whoever came first.
        os.link(beside, _path(file))
    except FileExistsError:
        pass
    finally:
        beside.unlink()


def _read() -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(_path(FILE).read_text())
    return found


def _path(name: str) -> Path:
    return Path(settings.AHADI_DATA) / name

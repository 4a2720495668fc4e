"""Write everything into one file, while it runs."""

from __future__ import annotations

import hashlib
from argparse import ArgumentParser, Namespace
from importlib.metadata import version
from pathlib import Path

from ahadi.commands import Refused, setup


def add_arguments(parser: ArgumentParser) -> None:
    """The file, and how to close it."""
    parser.add_argument("file", metavar="FILE", type=Path, help="the file to write; it must not exist yet")
    add_password(parser)


def add_password(parser: ArgumentParser) -> None:
    """A password never stands on a command line, where everybody on the machine can read it."""
    parser.add_argument(
        "--password-file",
        metavar="PATH",
        type=Path,
        help="encrypt with the password in the first line of this file",
    )


def read_password(arguments: Namespace) -> str:
    """The password, if one was given."""
    if arguments.password_file is None:
        return ""
    try:
        password: str = arguments.password_file.read_text().splitlines()[0].strip()
    except (OSError, UnicodeDecodeError, IndexError):
        raise Refused(f"There is no password in {arguments.password_file}.") from None
    if len(password) < 12:
        raise Refused("The password is too short; take at least 12 characters.")
    return password


def run(arguments: Namespace) -> int:
    """Write the file and say what is in it."""
    setup.require_setup()
    from ahadi.lib import backup

    if arguments.file.exists():
        raise Refused(f"{arguments.file} exists already; give another name.")
    password = read_password(arguments)
    try:
        written = backup.write(arguments.file, version("ahadi"), password)
    except OSError as error:
        raise Refused(f"Cannot write {arguments.file}: {error.strerror}.") from None
    note(arguments.file, bool(password))
    rows = sum(written.tables.values())
    print(f"Wrote {arguments.file}: {rows} rows and {written.files} files.")
    print("Keep secret.key and ledger.json of the data folder somewhere else: they are not in it.")
    return 0


def note(file: Path, is_encrypted: bool) -> None:
    """Remember that it was written, so that administrators see how old the newest one is."""
    from ahadi.ledger.models import Backup
    from ahadi.lib import clock

    Backup.objects.create(
        made=clock.now(),
        name=str(file.resolve())[:250],
        sha256=digest(file),
        size=file.stat().st_size,
        is_encrypted=is_encrypted,
    )


def digest(file: Path) -> str:
    """The SHA-256 by which a back-up is known again, wherever it lies."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

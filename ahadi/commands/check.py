"""Check the configuration and say in plain words what is wrong; exit 1 on an error."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from ahadi.commands import Refused, setup
from ahadi.lib import environment, store


def add_arguments(parser: ArgumentParser) -> None:
    """Nothing to choose."""


def run(arguments: Namespace) -> int:
    """Print every error; a line that begins with "Note" is for thought only."""
    given = environment.read()
    errors = list(_errors(given))
    for note in _notes(given):
        print(f"Note: {note}")
    for error in errors:
        print(f"Error: {error}")
    if not errors:
        print("Everything is in order.")
    return 1 if errors else 0


def _errors(given: environment.Environment) -> Iterator[str]:
    from django.core import checks

    if not os.access(given.data, os.W_OK | os.X_OK):
        yield f"{given.data} cannot be written to."
    try:
        store.try_out()
    except OSError as error:
        yield f"Files cannot be written where AHADI_FILES says: {error}."
    yield from _database_errors()
    for message in checks.run_checks(include_deployment_checks=True):
        if message.level >= checks.WARNING and not message.is_silenced():
            yield " ".join(f"{message.msg} {message.hint or ''}".split())


def _database_errors() -> Iterator[str]:
    try:
        if missing := setup.missing_migrations():
            yield f"The database lacks {missing} migrations; run `ahadi setup`."
    except Refused as error:
        yield str(error)


def _notes(given: environment.Environment) -> Iterator[str]:
    if not given.smtp_out:
        yield "AHADI_SMTP_OUT is empty: outgoing mail is kept and shown under /dev/outbox/, not sent."
    if given.smtp_in is None:
        yield "AHADI_SMTP_IN is empty: no mail comes in by SMTP."
    if not given.is_secure and given.host not in {"127.0.0.1", "::1", "localhost"}:
        yield "AHADI_URL is not https: passwords and talks cross the network in clear text."

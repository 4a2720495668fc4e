"""Recompute the ledger and all invariants from the database: exit 0 all hold, 1 with a list."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ahadi.commands import setup


def add_arguments(parser: ArgumentParser) -> None:
    """How much is said."""
    parser.add_argument("--quiet", action="store_true", help="say nothing where all holds")


def run(arguments: Namespace) -> int:
    """Print a line for each thing that does not hold."""
    setup.require_setup()
    from django.conf import settings
    from django.utils.module_loading import import_string

    from ahadi.lib.snapshot import snapshot

    count = 0
    with snapshot():
        for path in settings.AUDITS:
            for fault in import_string(path)():
                print(f"{fault.code}  {fault.place}  {fault.sentence}", flush=True)
                count += 1
    if not count and not arguments.quiet:
        print("Everything holds.")
    return 1 if count else 0

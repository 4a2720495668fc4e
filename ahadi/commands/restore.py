"""Fill an empty installation from a back-up; the ledger is checked before anything is served."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ahadi.commands import Refused, audit, backup, setup

MAKES_DATA = True


def add_arguments(parser: ArgumentParser) -> None:
    """The file, and what opens it."""
    parser.add_argument("file", metavar="FILE", type=Path, help="a file written by `ahadi backup`")
    backup.add_password(parser)
    parser.add_argument(
        "--drill",
        action="store_true",
        help="restore into a place of its own that is thrown away, and remember here that it worked",
    )


def run(arguments: Namespace) -> int:
    """Restore, then recompute everything: exit 1 with a list where something does not hold."""
    if arguments.drill:
        return _drill(arguments)
    from ahadi.lib.backup import Broken, read

    _refuse_full()
    try:
        found = read(arguments.file, backup.read_password(arguments), _prepare)
    except OSError as error:
        raise Refused(f"Cannot read {arguments.file}: {error.strerror}.") from None
    except Broken as error:
        raise Refused(str(error)) from None
    setup.prepare()
    from ahadi.tickets import search

    search.rebuild()
    rows = sum(found.tables.values())
    print(f"Restored {rows} rows and {found.files} files of {found.made}. Checking everything.")
    return audit.run(Namespace(quiet=False))


def _drill(arguments: Namespace) -> int:
    """Prove a back-up: what cannot be restored is no back-up."""
    setup.require_setup()
    from ahadi.ledger.models import Backup
    from ahadi.lib import clock

    with tempfile.TemporaryDirectory(prefix="ahadi-drill-") as folder:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AHADI_")}
        words = [sys.executable, "-m", "ahadi", "restore", str(arguments.file.resolve())]
        if arguments.password_file:
            words += ["--password-file", str(arguments.password_file.resolve())]
        done = subprocess.run(words, env={**kept, "AHADI_DATA": folder})  # noqa: S603 - our own words
    if done.returncode:
        return done.returncode
    known = Backup.objects.filter(sha256=backup.digest(arguments.file))
    if not known.update(verified=clock.now()):
        print("This installation does not know that back-up: it was written elsewhere.")
    return 0


def _refuse_full() -> None:
    from django.db import connection

    if "tickets_ticket" not in connection.introspection.table_names():
        return
    from ahadi.tickets.models import Ticket

    if Ticket.objects.exists():
        raise Refused("There are tickets here already; restore into an empty place.")


def _prepare(migrations: list[tuple[str, str]]) -> None:
    """Bring the tables to the state in which they were when they were written."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    graph = MigrationExecutor(connection).loader.graph
    if unknown := sorted(f"{app}.{name}" for app, name in migrations if (app, name) not in graph.nodes):
        raise Refused(f"The back-up is newer than this version: it has {unknown[0]}.")
    if set(graph.leaf_nodes()) <= set(migrations):
        # Written by this version: all at once is many times as fast as one app after the other.
        call_command("migrate", verbosity=0, interactive=False)
        return
    for app, name in migrations:
        if not any(
            (app, child.key[1]) in migrations
            for child in graph.node_map[app, name].children
            if child.key[0] == app
        ):
            call_command("migrate", app, name, verbosity=0, interactive=False)

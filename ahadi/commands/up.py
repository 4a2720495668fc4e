"""Run everything in one process group: web server and SMTP door, and the worker beside them."""

from __future__ import annotations

import os
import sys
import threading
from argparse import ArgumentParser, Namespace

from ahadi.commands import COMMANDS, Refused, setup, web, work
from ahadi.lib import environment

MAKES_DATA = True
# With the grace of the web server this keeps the whole end under three seconds.
LAST_WORDS = 0.8


def add_arguments(parser: ArgumentParser) -> None:
    """The demo company is the only choice."""
    parser.add_argument("--demo", action="store_true", help="fill in the demo company first")


def run(arguments: Namespace) -> int:
    """Prepare, serve until told to end, and be gone within three seconds."""
    given = environment.read()
    door = web.listen(given)
    setup.prepare()
    link = setup.first_link()
    if arguments.demo:
        _fill()
    with work.running_apart(given):
        # The web server takes the signals while it runs and passes them on at its end.
        work.own_signals(lambda: None)
        web.serve(door, lambda: print(_greeting(given, link), flush=True))
        threading.Thread(target=_leave_anyway, daemon=True).start()
    sys.stdout.flush()
    os._exit(0)


def _greeting(given: environment.Environment, link: str | None) -> str:
    lines = [f"Ahadi listens on {given.url} ({given.host}:{given.port})."]
    if given.smtp_in:
        lines.append(f"Mail comes in by SMTP on {given.smtp_in.host}:{given.smtp_in.port}.")
    if not given.smtp_out:
        lines.append(
            f"Outgoing mail is kept and shown under {given.url}/dev/outbox/ (AHADI_SMTP_OUT is empty)."
        )
    if link:
        lines.append(f"Sign in once as the administrator: {link}")
    lines.append("Ctrl-C ends it.")
    return "\n".join(lines)


def _fill() -> None:
    from ahadi.__main__ import main

    if "demo" not in COMMANDS:
        raise Refused("This version has no demo company; leave --demo out.")
    if status := main(["demo"]):
        raise Refused("The demo company could not be filled in.", status)


def _leave_anyway() -> None:
    threading.Event().wait(LAST_WORDS)
    os._exit(0)

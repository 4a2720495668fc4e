"""Run everything in one process group: web servers, worker and SMTP door, and one that watches them."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace

from ahadi.commands import COMMANDS, Refused, setup, web, work
from ahadi.lib import environment
from ahadi.lib.crew import Crew

MAKES_DATA = True


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
    crew = Crew()
    web.serve(crew, door)
    work.serve(crew, given)
    status = web.start(crew, _greeting(given, link))
    sys.stdout.flush()
    os._exit(status)


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

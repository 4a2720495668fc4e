"""The command line: one module for each command, with `add_arguments(parser)` and `run(arguments) -> int`.

A line here adds a command. A module that sets `MAKES_DATA` may be the first ever run; one that sets
`NEEDS_SETTINGS` to False works without a database.
"""

from __future__ import annotations

from typing import NamedTuple


class Command(NamedTuple):
    """Where a command lives and what it does, in one line for the list of commands."""

    module: str
    purpose: str


COMMANDS = {
    "up": Command("ahadi.commands.up", "run everything in one process group"),
    "web": Command("ahadi.commands.web", "run the web server only"),
    "work": Command("ahadi.commands.work", "run the worker and the SMTP door only"),
    "setup": Command("ahadi.commands.setup", "prepare database, key and files; safe to repeat"),
    "check": Command("ahadi.commands.check", "check the configuration"),
    "demo": Command("ahadi.commands.demo", "fill in the demo company"),
    "receive": Command("ahadi.commands.receive", "take one mail from standard input"),
    "agent": Command("ahadi.commands.agent", "invite agents"),
    "messages": Command("ahadi.commands.messages", "bring translations up to date, for developers"),
    "audit": Command("ahadi.commands.audit", "recompute the ledger and all invariants"),
    "backup": Command("ahadi.commands.backup", "write everything into one file"),
    "restore": Command("ahadi.commands.restore", "fill an empty installation from a back-up"),
    "ledger": Command("ahadi.commands.ledger", "keys of the ledger: show, rotate, begin anew; witnesses"),
    "verify": Command("ahadi.commands.verify", "check a receipt without a database"),
    "token": Command("ahadi.commands.token", "make tokens for the API"),
}


class Refused(Exception):
    """A command cannot do what was asked; the message is one line for the person who asked."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status

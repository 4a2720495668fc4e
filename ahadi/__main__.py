"""The command line `ahadi`; wrong use prints one line that says what to do and exits 2."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from ahadi.commands import COMMANDS, Refused
from ahadi.lib import environment


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage text."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see `{self.prog} --help`.\n")


def main(words: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    words = sys.argv[1:] if words is None else words
    try:
        name = _name(words)
        module = import_module(COMMANDS[name].module)
        parser = Parser(prog=f"ahadi {name}", description=module.__doc__, allow_abbrev=False)
        module.add_arguments(parser)
        arguments = parser.parse_args(words[1:])
        _start(module)
        return int(module.run(arguments) or 0)
    except environment.Unreadable as error:
        return _say(str(error), 2)
    except Refused as error:
        return _say(str(error), error.status)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - nobody reads any more
        return 1
    except KeyboardInterrupt:
        return 130


def _name(words: list[str]) -> str:
    if words and words[0] in COMMANDS:
        return words[0]
    if words and words[0] in {"-h", "--help", "help"}:
        print("Usage: ahadi COMMAND …\n")
        for name, command in COMMANDS.items():
            print(f"  {name:<10}{command.purpose}")
        print("\n`ahadi COMMAND --help` explains one of them.")
        raise SystemExit(0)
    known = ", ".join(COMMANDS)
    wrong = f"`{words[0]}` is not a command" if words else "a command is missing"
    raise Refused(f"{wrong}; give one of: {known}.", 2)


def _start(module: ModuleType) -> None:
    """Load the settings where the command needs them; only some commands may begin an installation."""
    if not getattr(module, "NEEDS_SETTINGS", True):
        return
    given = environment.read()
    if getattr(module, "MAKES_DATA", False):
        _make_data(given)
    if not environment.read().secret_key:
        raise Refused(f"Nothing is installed in {given.data} yet; run `ahadi setup` first.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ahadi.settings")
    import django

    django.setup(set_prefix=False)


def _make_data(given: environment.Environment) -> None:
    try:
        given.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        if isinstance(given.files, Path):
            given.files.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not given.given_secret_key:
            environment.make_secret_key(given.data)
    except OSError as error:
        raise Refused(f"Cannot write to {error.filename}: {error.strerror}.") from None


def _say(sentence: str, status: int) -> int:
    print(f"ahadi: {' '.join(sentence.split())}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())

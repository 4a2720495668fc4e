"""Check a receipt without a database: exit 0 proven, 1 not proven, 2 unreadable."""

from __future__ import annotations

import argparse
import gettext
import os
import sys
from pathlib import Path
from typing import Any

from ahadi.ledger import verify
from ahadi.lib.environment import ROOT

NEEDS_SETTINGS = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take a file and the keys that may have signed it."""
    parser.add_argument("receipt", metavar="RECEIPT", help="a .tlog-proof file; - reads standard input")
    parser.add_argument(
        "--vkey",
        metavar="KEY",
        required=True,
        action="append",
        help="the published key of the ledger; repeat it for each key that was used",
    )
    parser.add_argument("--language", default="", help="en, fa, he, ro or sw; otherwise as LANG says")


def run(arguments: argparse.Namespace) -> int:
    """Say what is proven, or why nothing is."""
    _ = _texts(arguments.language or os.environ.get("LANG", ""))
    try:
        proven = verify.receipt(_read(arguments.receipt), arguments.vkey)
    except (OSError, UnicodeDecodeError, verify.Unreadable) as error:
        print(_("This receipt cannot be read: %(reason)s") % {"reason": error}, file=sys.stderr)
        return 2
    except verify.Refused as error:
        print(_("Not proven: %(reason)s") % {"reason": error}, file=sys.stderr)
        return 1
    at = proven.checkpoint
    print(
        _(
            "Proven: these entries stood in the ledger %(ledger)s, unchanged, when it had %(size)s lines. "
            "This shows when and in which words they were recorded, not that what they say is true."
        )
        % {"ledger": at.origin, "size": at.size}
    )
    for event in proven.events:
        print(_line(event))
    return 0


def _read(path: str) -> str:
    content = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    return content.decode()


def _line(event: dict[str, Any]) -> str:
    known = ("seq", "at", "type", "actor", "channel", "lang", "body")
    return "  ".join(str(event[name]) for name in known if event.get(name) not in (None, ""))


def _texts(language: str) -> Any:
    # The catalogue is read without Django, which would want an installation.
    code = language.partition("_")[0].partition(".")[0]
    return gettext.translation("django", ROOT / "locale", [code], fallback=True).gettext

"""Take one mail from standard input, for pipes of mail servers; exit 0 only when it is stored."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

# What a mail server reads as "keep it and try again" (EX_TEMPFAIL of sysexits.h).
TRY_AGAIN = 75


def add_arguments(parser: ArgumentParser) -> None:
    """The envelope, where the mail server knows it."""
    parser.add_argument("--sender", default="", metavar="EMAIL", help="sender of the envelope")
    parser.add_argument(
        "--recipient", action="append", default=[], metavar="EMAIL", help="recipient of the envelope"
    )


def run(arguments: Namespace) -> int:
    """Store the message before anything else; what becomes of it is done after."""
    from ahadi.channels import intake

    raw = sys.stdin.buffer.read()
    if not raw.strip():
        print("ahadi: No mail on standard input; use it as `ahadi receive < message.eml`.", file=sys.stderr)
        return 2
    try:
        intake.accept(raw, arguments.sender, arguments.recipient)
    except Exception as error:
        print(f"ahadi: Not stored, try again: {type(error).__name__}: {error}", file=sys.stderr)
        return TRY_AGAIN
    return 0

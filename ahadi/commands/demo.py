"""Fill in the demo company, and with `--many` very many tickets for measuring."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from time import monotonic

MAKES_DATA = True


def add_arguments(parser: ArgumentParser) -> None:
    """How many generated tickets, and from which seed."""
    parser.add_argument("--many", type=_count, default=0, metavar="N", help="add N generated tickets")
    parser.add_argument(
        "--open", type=_count, metavar="N", help="how many of them are open; else one in twelve"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed, the same tickets")


def run(arguments: Namespace) -> int:
    """Say what was added."""
    from ahadi.commands import setup
    from ahadi.testing import demo, many

    setup.prepare()
    print("The demo company is there now." if demo.fill() else "The demo company was there already.")
    if arguments.many:
        begun = monotonic()
        many.fill(arguments.many, arguments.seed, arguments.open)
        print(f"{arguments.many} tickets added in {monotonic() - begun:.0f} s.")
    return 0


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 10_000_000:
        raise ArgumentTypeError("--many takes a whole number from 1 to 10000000")
    return int(text)

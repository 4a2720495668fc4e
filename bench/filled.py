"""Filled databases: made for one measurement, or kept in the folder that BENCH_KEEP names."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from bench import product

# Of twenty tickets one is open.
OPEN = 0.05


class Filled(NamedTuple):
    """A folder of data, its database where that is not in it, and how long filling took, if it was now."""

    data: Path
    url: str
    seconds: float | None = None


@contextmanager
def filled(database: str, many: int, *, settle: bool = True) -> Iterator[Filled]:
    """A database (sqlite, postgres) with so many tickets and nothing left to do, for as long as the block."""
    with ExitStack() as stack:
        kept = os.environ.get("BENCH_KEEP", "")
        root = kept or stack.enter_context(tempfile.TemporaryDirectory(prefix="ahadi-bench-"))
        place = Path(root) / f"{database}-{many}"
        url = stack.enter_context(_server(place if kept else None)) if database == "postgres" else ""
        data, done = place / "files", place / "filled"
        data.mkdir(parents=True, exist_ok=True)
        seconds = None
        if not done.exists():
            seconds = product.fill(data, many, url, round(many * OPEN))
            print(f"{database}: {many:,} tickets in {seconds:.0f} s", file=sys.stderr, flush=True)
            done.touch()
        if settle:
            product.settle(data, url)
        yield Filled(data, url, seconds)


@contextmanager
def _server(place: Path | None) -> Iterator[str]:
    from ahadi.testing.postgresql import Server

    server = Server(place and place / "server", is_durable=True)
    try:
        yield server.start()
    finally:
        server.stop()


def main() -> int:
    """Fill in and keep: python -m bench.filled sqlite 1000000"""
    database, many = sys.argv[1], int(sys.argv[2])
    with filled(database, many) as found:
        print(f"{database}, {many:,} tickets: {found.data} {found.url}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

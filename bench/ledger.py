"""python -m bench.ledger: what the ledger costs, and how fast it is at ten million lines.

python -m bench.ledger --many 1000000 --leaves 10000000
python -m bench.ledger --database postgres
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from statistics import median

ENTRIES = """
import time
import django
django.setup()
from ahadi.testing import make
from ahadi.tickets import sequencing
agent, tickets = make.agent(), [make.ticket() for _count in range(20)]
def add(count):
    begun = time.perf_counter()
    for number in range(count):
        tickets[number % 20].note(f"Note {number}", by=agent)
    return count / (time.perf_counter() - begun)
add(200)
rounds = []
for _round in range(7):
    plain = add(300)
    begun = time.perf_counter()
    count = sequencing.sequence(wait=True)
    took = time.perf_counter() - begun
    rounds.append((plain, 300 / (300 / plain + took)))
rounds.sort()
plain, logged = rounds[len(rounds) // 2]
print(plain, logged)
"""


def main() -> int:
    """Print one line for each figure."""
    parser = argparse.ArgumentParser(prog="python -m bench.ledger", description=__doc__)
    parser.add_argument("--many", type=int, default=1_000_000, help="entries to put in a row")
    parser.add_argument("--leaves", type=int, default=10_000_000, help="size at which receipts are measured")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--only", choices=["entries", "sequencing", "receipts"], help="only this part")
    arguments = parser.parse_args()
    parts: dict[str, Callable[[], None]] = {
        "entries": lambda: _entries(arguments.database),
        "sequencing": lambda: _sequencing(arguments.many, arguments.database),
        "receipts": lambda: _receipts(arguments.leaves),
    }
    for name, measure in parts.items():
        if arguments.only in (None, name):
            measure()
    return 0


@contextmanager
def _installation(database: str) -> Iterator[dict[str, str]]:
    """The environment of an empty installation on either database."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ahadi-ledger-"))
        given = {**os.environ, "AHADI_DATA": folder, "DJANGO_SETTINGS_MODULE": "ahadi.settings"}
        if database == "postgres":
            from ahadi.testing.postgresql import Server

            server = Server(is_durable=True)
            stack.callback(server.stop)
            given["AHADI_DATABASE"] = server.start()
        command = [sys.executable, "-m", "ahadi", "setup"]
        subprocess.run(command, env=given, check=True, stdout=subprocess.DEVNULL)
        yield given


def _entries(database: str) -> None:
    """Entries a second, without the log and with it: the sequencing is all that the log adds."""
    with _installation(database) as given:
        found = subprocess.run(
            [sys.executable, "-c", ENTRIES], env=given, check=True, capture_output=True, text=True
        ).stdout.split()
    plain, logged = map(float, found[-2:])
    cost = 100 * (1 - logged / plain)
    print(f"entries a second on {database}: {plain:.0f} alone, {logged:.0f} with the log, {cost:.1f} % less")


def _sequencing(many: int, database: str) -> None:
    """Leaves of strangers are put in a row by the product's own code, into a database of their own."""
    with _installation(database) as given:
        subprocess.run([sys.executable, "-m", "bench.ledger_lines", str(many)], env=given, check=True)


def _receipts(leaves: int) -> None:
    """Tiles of a tree of this size, made up and kept in memory; each receipt reads what it needs of them."""
    from ahadi.ledger import notes, tiles, verify

    known: dict[tiles.Place, bytes] = {}

    def read(place: tiles.Place) -> bytes:
        return known.get(place, b"")

    begun, size = time.perf_counter(), 0
    while size < leaves:
        count = min(65_536, leaves - size)
        batch = [sha256(number.to_bytes(8, "big")).digest() for number in range(size, size + count)]
        known.update(tiles.grow(read, size, batch))
        size += count
    built = time.perf_counter() - begun
    signer = notes.Signer("bench.example/ledger", bytes(32))
    root = tiles.Tree(read, size).root()
    signed = notes.checkpoint(signer, size, root)

    def make(index: int) -> None:
        way = tiles.Tree(read, size).inclusion(index)
        notes.receipt(index, way, signed, [bytes(32) + b"{}"])

    def check(index: int) -> None:
        way = tiles.Tree(read, size).inclusion(index)
        verify.inclusion(index, size, sha256(index.to_bytes(8, "big")).digest(), way, root)

    places = [size * step // 200 for step in range(200)]
    print(f"tree of {size:,} lines: {built:.0f} s to make ({size / built:,.0f} a second)")
    print(f"receipt at {size:,} lines: {_time(make, places):.2f} ms (median), wanted under 20 ms")
    print(f"  with its check: {_time(check, places):.2f} ms")


def _time(work: Callable[[int], None], places: Sequence[int]) -> float:
    took = []
    for place in places:
        begun = time.perf_counter()
        work(place)
        took.append((time.perf_counter() - begun) * 1_000)
    return median(took)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    sys.exit(main())

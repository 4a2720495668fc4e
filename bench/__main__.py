"""bin/bench: fill in many tickets, start the product, put it under load, print a table.

bin/bench                         SQLite and PostgreSQL, 100,000 tickets
bin/bench --database sqlite --many 10000 --seconds 3
bin/bench eta FILE --opened COL --resolved COL --kind COL[,COL…]
                                       replays a table of cases: does "usually takes" hold?

python -m bench.cost      what one ticket, answer and mail cost: statements and processor time
python -m bench.intake    mails in by SMTP and by IMAP beside bare libraries, and memory over many mails
python -m bench.imap      fetching while network, servers and Ahadi are killed
python -m bench.reading   how well mails are read, beside other libraries
python -m bench.calls     from the click on "Call me" to the ring at a desk
python -m bench.mails     a folder of mails through the door of a running installation
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench import eta, measures, product


def main() -> int:
    """Measure on each database asked for and print one table; or replay a table of cases."""
    if sys.argv[1:2] == ["eta"]:
        return eta.main(sys.argv[2:])
    arguments = _read()
    tables = {name: _measure(name, arguments) for name in arguments.database}
    names = list(dict.fromkeys(row.name for rows in tables.values() for row in rows))
    print(f"\n| {arguments.many:,} tickets | " + " | ".join(tables) + " | wanted |")
    print("|---|" + "---|" * (len(tables) + 1))
    for name in names:
        found = {table: {row.name: row for row in rows} for table, rows in tables.items()}
        cells = [found[table][name].shown if name in found[table] else "" for table in tables]
        print(f"| {name} | " + " | ".join(cells) + f" | {measures.WANTED.get(name, '')} |")
    return 0


def _read() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--many", type=int, default=100_000, metavar="N", help="tickets to fill in")
    parser.add_argument("--seconds", type=float, default=5, metavar="S", help="how long each load lasts")
    parser.add_argument("--connections", type=int, default=8, metavar="N", help="connections at once")
    parser.add_argument(
        "--database", action="append", choices=["sqlite", "postgres"], help="only this one; may be repeated"
    )
    arguments = parser.parse_args()
    arguments.database = arguments.database or ["sqlite", "postgres"]
    return arguments


def _measure(name: str, arguments: argparse.Namespace) -> list[measures.Row]:
    if name == "sqlite":
        return _on(arguments, "")
    from ahadi.testing.postgresql import Server

    server = Server(is_durable=True)
    try:
        return _on(arguments, server.start())
    finally:
        server.stop()


def _on(arguments: argparse.Namespace, database: str) -> list[measures.Row]:
    with tempfile.TemporaryDirectory(prefix="ahadi-bench-") as folder:
        data = Path(folder)
        filling = product.fill(data, arguments.many, database)
        rows = [measures.Row("filling in", f"{filling:.0f} s")]
        with product.running(data, database) as running:
            for row in measures.all_of(running, arguments.seconds, arguments.connections):
                print(f"  {row.name}: {row.shown}", file=sys.stderr, flush=True)
                rows.append(row)
        return rows


if __name__ == "__main__":
    sys.exit(main())

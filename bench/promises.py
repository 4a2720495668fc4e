"""How quickly promises are found, counted again and explained among many tickets.

    .venv/bin/python -m bench.promises [--many 1000000] [--open 50000] [--database sqlite|postgres]

The open tickets have their whole history; the solved ones have their rows and their promises, which is
what the questions have to pass by.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from bench import product

WANTED = {
    "find what is due, to be warned of, broken": "50 ms",
    "find promises that ask for something": "50 ms",
    "the lead's board by owner": "",
    "explain every due time of a ticket": "20 ms",
    "count all open tickets again": "in the background",
}
# A kept promise for each solved ticket.
_KEPT = """
INSERT INTO promises_promise
  (ticket_id, step_code, step_text, owner_team_id, due, made, kept, reason, ended, again, heard)
SELECT id, step_code, '', team_id, updated, opened, updated, '', updated, {}, opened
FROM tickets_ticket WHERE status = 'solved'
"""


def main() -> int:
    """Fill in, measure, print a table."""
    parser = argparse.ArgumentParser(prog="bench.promises", description=__doc__)
    parser.add_argument("--many", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--open", type=int, default=50_000, metavar="N")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    arguments = parser.parse_args()
    server = None
    if arguments.database == "postgres":
        from ahadi.testing.postgresql import Server

        server = Server()
    try:
        with tempfile.TemporaryDirectory(prefix="ahadi-bench-") as folder:
            _measure(arguments, Path(folder), server.start() if server else "")
    finally:
        if server:
            server.stop()
    return 0


def _measure(arguments: argparse.Namespace, data: Path, database: str) -> None:
    os.environ.update(product.prepare(data, database))
    os.environ["DJANGO_SETTINGS_MODULE"] = "ahadi.settings"
    product.fill(data, 10, database)
    import django

    django.setup()
    begun = time.perf_counter()
    _fill(arguments.many, arguments.open)
    print(f"filled in within {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
    print(f"\n| {arguments.many:,} tickets, {arguments.open:,} open | {arguments.database} | wanted |")
    print("|---|---|---|")
    for name, shown in _figures():
        print(f"| {name} | {shown} | {WANTED.get(name, '')} |", flush=True)


def _fill(many: int, are_open: int) -> None:
    from django.db import connection
    from django.db.models import F

    from ahadi.promises.models import Promise
    from ahadi.testing import many as filling
    from ahadi.tickets.models import Ticket

    filling.SOLVED = 0
    filling.fill(are_open)
    solved = f"{(many - are_open) // are_open}"
    with connection.cursor() as cursor:
        cursor.execute(
            _copies(
                Ticket,
                {
                    "number": "'Z' || (t.id * 1000 + n.n)",
                    "status": "'solved'",
                    "due": "NULL",
                    "solved": "t.updated",
                },
                solved,
            )
        )
        cursor.execute(_KEPT.format("FALSE" if connection.vendor == "postgresql" else 0))
        cursor.execute("ANALYZE")
    # As a worker that has lived all the time leaves them: most have nothing to do before their time.
    later = Promise.objects.open().filter(due__gt=filling.clock.now() + timedelta(hours=8))
    later.update(look=F("due") - timedelta(hours=6))


def _copies(model: type, changed: dict[str, str], times: str) -> str:
    from django.db import connection

    columns = [field.column for field in model._meta.concrete_fields if field.column != "id"]  # type: ignore[attr-defined]
    if connection.vendor == "postgresql":
        numbers = f"(SELECT generate_series(1, {times}) AS n) n"
    else:
        up = f"SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {times}"
        numbers = f"(WITH RECURSIVE c(n) AS ({up}) SELECT n FROM c) n"
    names = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(changed.get(column, f't."{column}"') for column in columns)
    return f"INSERT INTO tickets_ticket ({names}) SELECT {values} FROM tickets_ticket t, {numbers}"


def _figures() -> list[tuple[str, str]]:
    from ahadi.desk import board
    from ahadi.desk.explaining import explain
    from ahadi.lib import clock
    from ahadi.people.models import Agent
    from ahadi.promises import counting
    from ahadi.promises.models import Policy, Promise
    from ahadi.tickets.models import Ticket

    hour = timedelta(hours=1)
    Policy.objects.create(name="All", first=4 * hour, next=4 * hour, update=16 * hour, solution=40 * hour)
    lead = Agent.objects.filter(role=Agent.Role.LEAD).first() or Agent.objects.first()
    some = list(Ticket.objects.open().select_related("requester__organization", "team")[:200])

    def find() -> None:
        now = clock.now()
        due = Promise.objects.open().filter(due__range=(now, now + 24 * hour)).order_by("due")
        for question in (due, Promise.objects.in_danger(now), Promise.objects.broken(now).order_by("due")):
            list(question.values_list("pk", "ticket", "due")[:200])

    def asking() -> None:
        list(Promise.objects.asking().values_list("pk", flat=True)[:200])

    turn = iter(some * 100)
    figures = [
        ("find what is due, to be warned of, broken", _median(find)),
        ("find promises that ask for something", _median(asking)),
        ("the lead's board by owner", _median(lambda: board.owners(lead), 10)),
        ("explain every due time of a ticket", _median(lambda: explain(next(turn), "en"), 200)),
    ]
    return [*figures, ("count all open tickets again", _count_again(counting))]


def _count_again(counting: object) -> str:
    from ahadi.promises.counting import follow
    from ahadi.promises.models import Progress

    begun, rounds, longest = time.perf_counter(), 0, 0.0
    while True:
        since = time.perf_counter()
        follow()
        longest = max(longest, time.perf_counter() - since)
        rounds += 1
        progress = Progress.objects.get(name="tickets")
        if progress.finished >= progress.total and rounds > 1:
            break
    took = time.perf_counter() - begun
    return f"{took:.0f} s in {rounds} rounds, the longest {longest:.2f} s"


def _median(work: Callable[[], object], times: int = 50) -> str:
    work()
    found, busy = [], time.process_time()
    for _each in range(times):
        begun = time.perf_counter()
        work()
        found.append((time.perf_counter() - begun) * 1000)
    worst = sorted(found)[int(len(found) * 0.95)]
    busy = (time.process_time() - busy) / times * 1000
    return f"{statistics.median(found):.1f} ms (95 %: {worst:.1f} ms, of our own processor {busy:.1f} ms)"


if __name__ == "__main__":
    sys.exit(main())

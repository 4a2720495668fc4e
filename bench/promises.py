"""How quickly promises are found, counted again and explained among many tickets.

    .venv/bin/python -m bench.promises [--many 1000000] [--database sqlite|postgres]

Of twenty tickets one is open; every ticket has its whole history, as it is filled in for all measurements.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from bench import product
from bench.filled import Filled, filled

WANTED = {
    "find what is due, to be warned of, broken": "50 ms",
    "find promises that ask for something": "50 ms",
    "the lead's board: promises by owner": "100 ms",
    "the lead's board: who waits longest": "",
    "explain every due time of a ticket": "20 ms",
    "count all open tickets again": "in the background",
}


def main() -> int:
    """Fill in, measure, print a table."""
    parser = argparse.ArgumentParser(prog="bench.promises", description=__doc__)
    parser.add_argument("--many", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    arguments = parser.parse_args()
    with filled(arguments.database, arguments.many) as found:
        _measure(arguments, found)
    return 0


def _measure(arguments: argparse.Namespace, found: Filled) -> None:
    os.environ.update(product.prepare(found.data, found.url))
    os.environ["DJANGO_SETTINGS_MODULE"] = "ahadi.settings"
    import django

    django.setup()
    from ahadi.tickets.models import Ticket

    open_ones = Ticket.objects.open().count()
    print(f"\n| {arguments.many:,} tickets, {open_ones:,} open | {arguments.database} | wanted |")
    print("|---|---|---|")
    try:
        for name, shown in _figures():
            print(f"| {name} | {shown} | {WANTED.get(name, '')} |", flush=True)
    finally:
        _forget()


def _forget() -> None:
    """The next measurement finds no policy to count by."""
    from ahadi.promises.models import Policy, Progress, Target

    for kind in (Target, Policy, Progress):
        kind.objects.all().delete()


def _figures() -> Iterator[tuple[str, str]]:
    from ahadi.desk import board
    from ahadi.desk.explaining import explain
    from ahadi.lib import clock
    from ahadi.people.models import Agent
    from ahadi.promises.models import Policy, Promise
    from ahadi.tickets.models import Ticket

    hour = timedelta(hours=1)
    Policy.objects.create(name="All", first=4 * hour, next=4 * hour, update=16 * hour, solution=40 * hour)
    lead = Agent.objects.filter(role=Agent.Role.LEAD)[0]
    some = list(Ticket.objects.open().select_related("requester__organization", "team")[:200])

    def find() -> None:
        now = clock.now()
        due = Promise.objects.open().filter(due__range=(now, now + 24 * hour)).order_by("due")
        for question in (due, Promise.objects.in_danger(now), Promise.objects.broken(now).order_by("due")):
            list(question.values_list("pk", "ticket", "due")[:200])

    def asking() -> None:
        list(Promise.objects.asking().values_list("pk", flat=True)[:200])

    turn = iter(some * 100)
    yield "find what is due, to be warned of, broken", _median(find)
    yield "find promises that ask for something", _median(asking)
    yield "the lead's board: promises by owner", _median(lambda: board.owners(lead), 10)
    yield "the lead's board: who waits longest", _median(lambda: board.silent(lead), 10)
    yield "explain every due time of a ticket", _median(lambda: explain(next(turn), "en"), 200)
    yield "count all open tickets again", _count_again()


def _count_again() -> str:
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

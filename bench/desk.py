"""How fast the desk reads: lists, saved searches, tickets, words and counts, and how that grows.

python -m bench.desk                                  100,000 and 1,000,000 tickets, SQLite and PostgreSQL
python -m bench.desk --database sqlite --many 20000 --seconds 2
BENCH_KEEP=/var/tmp/bench python -m bench.desk        keeps the filled databases and what was measured
BENCH_KEEP=/var/tmp/bench python -m bench.desk --kept     the table of what was measured before

"page" is the whole page by HTTP with everything that is kept; "anew" is the same question asked once more in
one process with nothing kept, which is what happens after every change.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from bench import product
from bench.filled import filled
from bench.load import run
from bench.measures import Browser

# A word that stands in every sixth message of its language, and an order number.
WORDS = {"en": "grinder", "fa": "آسیاب", "he": "הזמנה", "ro": "comanda", "sw": "kinu"}
RARE = ("M-20418", "M-31337", "M-77777", "M-54321", "M-90909")
THREE = "is:unsolved priority:urgent lang:en"
SAVED = [
    THREE, "is:unsolved tag:refund", "is:broken lang:fa", "assignee:none lang:he is:unsolved", "due:today",
    "is:open channel:form", "is:waiting priority:high", "grinder is:unsolved", "is:unanswered",
    "due:tomorrow", "is:mine priority:urgent", "is:unsolved -lang:en", "is:broken assignee:none",
    "is:unsolved lang:sw channel:form", "is:open priority:low", "due:week lang:ro",
    "is:unsolved after:yesterday", "is:unassigned lang:en", "is:waiting channel:email",
    "is:unsolved has:attachment",
]  # fmt: skip
TIMES = 20
WARM_UP = 1.0


class Figure(NamedTuple):
    """One cell: the middle and the slow end in milliseconds, and how many a second."""

    name: str
    p50: float
    p95: float
    per_second: float = 0

    def shown(self) -> str:
        """As it stands in the table."""
        often = f", {self.per_second:.0f}/s" if self.per_second else ""
        return f"{self.p50:.1f} / {self.p95:.1f}{often}"


def main() -> int:
    """Measure every size on every database and print one table with the growth."""
    given = _read()
    if given.inside:
        json.dump(list(_inside()), sys.stdout)
        return 0
    columns = {
        (database, many): {each.name: each for each in measure(database, many, given)}
        for database in given.database
        for many in given.many
    }
    _print(columns, given.database, given.many)
    return 0


def _print(columns: dict[tuple[str, int], dict[str, Figure]], databases: list[str], sizes: list[int]) -> None:
    heads = [f"{database}, {many:,}" for database in databases for many in sizes]
    grows = len(sizes) == 2
    heads += [f"{database} grows" for database in databases] if grows else []
    print("| p50 / p95 in ms | " + " | ".join(heads) + " |\n|---|" + "---|" * len(heads))
    for name in dict.fromkeys(name for found in columns.values() for name in found):
        cells = [found[name].shown() if name in found else "" for found in columns.values()]
        for database in databases if grows else ():
            small, large = (columns[database, many].get(name) for many in sizes)
            cells.append(f"{large.p50 / small.p50:.2f}" if small and large else "")
        print(f"| {name} | " + " | ".join(cells) + " |")


def _read() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.desk", description="Measures reading at the desk.")
    parser.add_argument("--many", type=int, action="append", metavar="N", help="tickets; may be repeated")
    parser.add_argument("--seconds", type=float, default=5, metavar="S", help="how long each load lasts")
    parser.add_argument("--database", action="append", choices=["sqlite", "postgres"], help="only this one")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--kept", action="store_true", help="only print what was measured and kept")
    given = parser.parse_args()
    given.database = given.database or ["sqlite", "postgres"]
    given.many = given.many or [100_000, 1_000_000]
    return given


def measure(database: str, many: int, given: argparse.Namespace) -> list[Figure]:
    """Every figure of one size on one database, measured now or kept from before."""
    if given.kept:
        kept = Path(os.environ["BENCH_KEEP"]) / f"{database}-{many}" / "desk.json"
        return [Figure(*figure) for figure in json.loads(kept.read_text())] if kept.exists() else []
    with filled(database, many) as (data, url, _seconds):
        found = []
        for ask in (_asked_inside(data, url), _asked_outside(data, url, given.seconds)):
            for figure in ask:
                print(f"  {figure.name}: {figure.shown()}", file=sys.stderr, flush=True)
                found.append(figure)
        (data.parent / "desk.json").write_text(json.dumps(found))
        return found


def _asked_inside(data: Path, url: str) -> list[Figure]:
    surroundings = product.prepare(data, url) | {"DJANGO_SETTINGS_MODULE": "ahadi.settings"}
    words = [sys.executable, "-m", "bench.desk", "--inside"]
    done = subprocess.run(words, env=surroundings, check=True, stdout=subprocess.PIPE)
    *figures, places = json.loads(done.stdout)
    (data / "places.json").write_text(json.dumps(places))
    return [Figure(*figure) for figure in figures]


def _asked_outside(data: Path, url: str, seconds: float) -> Iterator[Figure]:
    places = json.loads((data / "places.json").read_text())
    with product.running(data, url) as running:
        running.rest()
        agent = Browser(running)
        open_ones = cycle(places["open"])

        def load(name: str, path: Callable[[], str], at_once: int = 8) -> Figure:
            # What a process and a connection do once is not counted.
            run(name, running.url, lambda _n: agent.get(path()), WARM_UP, at_once)
            found = run(name, running.url, lambda _n: agent.get(path()), seconds, at_once)
            if found.wrong:
                raise SystemExit(f"{name}: {found.wrong} answers were refused")
            return Figure(f"page: {name}", found.p50, found.p95, found.per_second)

        yield load("inbox", lambda: "/desk/open/")
        yield load("saved search of three conditions", lambda: f"/desk/{places['saved']}/")
        yield load("tickets of four entries", lambda: f"/desk/open/{next(open_ones)}/")
        for size, number in places["long"].items():
            yield load(f"ticket of {size} entries", lambda number=number: f"/desk/open/{number}/")  # type: ignore[misc]
        for language, word in WORDS.items():
            yield load(f"a common word ({language})", lambda word=word: f"/desk/search/?q={quote(word)}", 1)  # type: ignore[misc]
        rare = cycle(RARE)
        yield load("an order number", lambda: f"/desk/search/?q={next(rare)}", 1)
        run("reply", running.url, lambda n: agent.reply(next(open_ones), -n), WARM_UP)
        found = run("reply", running.url, lambda n: agent.reply(next(open_ones), n), seconds)
        yield Figure("page: reply", found.p50, found.p95, found.per_second)


def _inside() -> Iterator[Any]:
    import django

    django.setup()
    from ahadi.desk import listing, searches
    from ahadi.people.models import Agent
    from ahadi.testing import make
    from ahadi.tickets.models import Ticket
    from ahadi.ui import drawn

    agent = Agent.objects.filter(email="mark@bench.example").first()
    agent = agent or make.admin("Bench Mark", email="mark@bench.example")
    member = Agent.objects.filter(email="member@bench.example").first()
    member = member or make.agent("Team Member", email="member@bench.example")
    places = _prepare()
    asked: dict[str, Callable[[], Any]] = {
        "inbox": lambda: listing.page(agent, "open"),
        "inbox of a team's member": lambda: listing.page(member, "open"),
        "saved search of three conditions": lambda: listing.page(agent, places["saved"]),
        "solved": lambda: listing.page(agent, "solved"),
        "counts of 20 saved searches": lambda: searches.counts(agent),
        "counts, for a team's member": lambda: searches.counts(member),
        "words and conditions": lambda: listing.page(agent, "search", "", "grinder is:unsolved"),
        "an order number": lambda: listing.page(agent, "search", "", RARE[0]),
    }
    for language, word in WORDS.items():
        asked[f"a common word ({language})"] = lambda word=word: listing.page(agent, "search", "", word)  # type: ignore[misc]
    for name, ask in asked.items():
        yield _timed(name, ask, drawn.kept.forget)
    places["open"] = list(Ticket.objects.open().values_list("number", flat=True)[:100])
    yield places


def _timed(name: str, ask: Callable[[], Any], forget: Callable[[], None]) -> Figure:
    times = []
    for _ in range(TIMES):
        forget()
        begun = time.perf_counter()
        ask()
        times.append((time.perf_counter() - begun) * 1000)
    times.sort()
    return Figure(f"anew: {name}", times[len(times) // 2], times[int(len(times) * 0.95)])


def _prepare() -> dict[str, Any]:
    from ahadi.desk.models import SavedSearch
    from ahadi.people.models import Agent
    from ahadi.testing import make
    from ahadi.tickets.models import Ticket

    os.environ["AHADI_SMTP_OUT"] = ""
    by = Agent.objects.order_by("pk")[0]
    long = {}
    for size in (10, 500):
        subject = f"A talk of {size} lines about the grinder"
        ticket = Ticket.objects.filter(subject=subject).first() or make.ticket(subject)
        while ticket.last_seq < size:
            ticket.note(f"Line {ticket.last_seq}: the depot looks for it by hand this afternoon.", by=by)
        long[str(size)] = ticket.number
    for query in SAVED:
        if not SavedSearch.objects.filter(query=query).exists():
            SavedSearch(name=query[:60], query=query).write()
    return {"long": long, "saved": SavedSearch.objects.get(query=THREE).code}


if __name__ == "__main__":
    sys.exit(main())

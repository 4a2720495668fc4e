"""What one ticket, one answer and one mail cost: statements and milliseconds of processor time.

python -m bench.cost                                 SQLite and PostgreSQL
python -m bench.cost --database sqlite --many 300 --profile mail
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

MAIL = (
    "From: Anna Kern <anna{n}@post.example>\r\nTo: help@marlo.example\r\nSubject: Where is order M-{n}?\r\n"
    "Message-ID: <{n}.{u}@post.example>\r\nDate: Wed, 02 Dec 2026 10:00:00 +0000\r\n\r\n"
    "I ordered nine days ago and nothing has been scanned since. Where is it?\r\n"
)


class Cost(NamedTuple):
    """What one of many operations cost: here, in the database, and in statements."""

    name: str
    own: float
    database: float
    statements: float


def main() -> int:
    """Measure on each database in a process of its own and print one table."""
    given = _read()
    if given.inside:
        json.dump([list(cost) for cost in _measure(given.many, given.profile)], sys.stdout)
        return 0
    tables = {name: _on(name, given) for name in given.database}
    print("| one | " + " | ".join(f"{name}, ms | its database, ms | statements" for name in tables) + " |")
    print("|---|" + "---:|---:|---:|" * len(tables))
    for rows in zip(*tables.values(), strict=True):
        cells = [f"{row.own:.2f} | {row.database:.2f} | {row.statements:.1f}" for row in rows]
        print(f"| {rows[0].name} | " + " | ".join(cells) + " |")
    return 0


def _read() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.cost", description="Measures what writing costs.")
    parser.add_argument("--many", type=int, default=300, metavar="N", help="how often each thing is done")
    parser.add_argument("--database", action="append", choices=["sqlite", "postgres"], help="only this one")
    parser.add_argument("--profile", default="", metavar="WORD", help="show where the time of these goes")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    given.database = given.database or ["sqlite", "postgres"]
    return given


def _on(name: str, given: argparse.Namespace) -> list[Cost]:
    with tempfile.TemporaryDirectory(prefix="ahadi-cost-") as data, _database(name) as url:
        surroundings = {key: value for key, value in os.environ.items() if not key.startswith("AHADI_")}
        surroundings |= {"AHADI_DATA": data, "AHADI_SMTP_IN": "", "DJANGO_SETTINGS_MODULE": "ahadi.settings"}
        surroundings |= {"AHADI_DATABASE": url} if url else {}
        subprocess.run(
            [sys.executable, "-m", "ahadi", "setup"], env=surroundings, check=True, stdout=subprocess.DEVNULL
        )
        words = [sys.executable, "-m", "bench.cost", "--inside", "--many", str(given.many)]
        words += ["--profile", given.profile]
        done = subprocess.run(words, env=surroundings, check=True, stdout=subprocess.PIPE)
        return [Cost(*row) for row in json.loads(done.stdout)]


@contextmanager
def _database(name: str) -> Iterator[str]:
    if name == "sqlite":
        yield ""
        return
    from ahadi.testing.postgresql import Server

    server = Server(is_durable=True)
    try:
        yield server.start()
    finally:
        server.stop()


def _measure(many: int, profile: str) -> Iterator[Cost]:
    import django

    django.setup()
    for name, work in _works():
        # What is compiled, planned and kept once is no cost of one more.
        for number in range(40):
            work(number)
        yield _cost(name, work, many, profile)


def _works() -> Iterator[tuple[str, Callable[[int], Any]]]:
    from django.conf import settings
    from django.test import Client

    from ahadi.api import tokens
    from ahadi.channels import intake
    from ahadi.outbox import jobs
    from ahadi.testing import make

    settings.ALLOWED_HOSTS = ["*"]
    make.company()
    make.inbox("help@marlo.example", team=make.team())
    scopes = ["tickets:read", "tickets:write", "messages:send"]
    token = tokens.issue(make.admin(), scopes)
    client = Client(headers={"authorization": f"Bearer {token}"})

    def post(path: str, body: dict[str, Any]) -> None:
        said = client.post(
            f"/api/v1/{path}",
            json.dumps(body),
            "application/json",
            headers={"Idempotency-Key": str(uuid4())},
        )
        if said.status_code != 201:
            raise SystemExit(said.content.decode())

    people = iter([make.address(f"known{n}@post.example").value for n in range(2_000)])
    tickets = [make.ticket().number for _ in range(20)]
    text = {"subject": "The grinder stops", "body": "My grinder runs for two seconds and then stops."}

    def open_ticket(number: int) -> None:
        post("tickets", {**text, "requester": {"email": next(people), "name": "Ruth", "language": "en"}})

    def answer(number: int) -> None:
        post(f"tickets/{tickets[number % 20]}/replies", {"body": f"This is answer {number}."})

    def accept(number: int) -> None:
        mail = MAIL.format(n=number, u=uuid4()).encode()
        intake.accept(mail, f"anna{number}@post.example", ["help@marlo.example"])

    def settle(number: int) -> None:
        while jobs.run_due():
            pass

    yield "ticket by API, acknowledged", open_ticket
    yield "answer by API", answer
    settle(0)
    yield "mail accepted", accept
    settle(0)
    yield "mail read, acknowledged, sent", _Batch(accept, settle)


class _Batch:
    """Mails that wait already; what is measured is reading them."""

    def __init__(self, put: Callable[[int], None], read: Callable[[int], None]) -> None:
        self.put, self.read, self.is_batch = put, read, True
        self.count = 10_000

    def fill(self, many: int) -> None:
        for _ in range(many):
            self.count += 1
            self.put(self.count)

    def __call__(self, number: int) -> None:
        self.fill(1)
        self.read(0)


def _cost(name: str, work: Callable[[int], Any], many: int, profile: str) -> Cost:
    from django.db import connection

    counted: Counter[str] = Counter()

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        counted[sql] += 1
        return execute(sql, params, many, context)

    if isinstance(work, _Batch):
        work.fill(many)
    profiler = cProfile.Profile() if profile and profile in name else None
    before = _in_database(), time.process_time()
    if profiler:
        profiler.enable()
    if isinstance(work, _Batch):
        work.read(0)
    else:
        for number in range(many):
            work(number + 100)
    if profiler:
        profiler.disable()
    own, database = time.process_time() - before[1], _in_database() - before[0]
    if profiler:
        pstats.Stats(profiler, stream=sys.stderr).sort_stats("tottime").print_stats(45)
        pstats.Stats(profiler, stream=sys.stderr).sort_stats("cumtime").print_stats(110)
    if isinstance(work, _Batch):
        # As the worker finds them: what many share is asked for once.
        work.fill(10)
    with connection.execute_wrapper(count):
        for number in range(1 if isinstance(work, _Batch) else 10):
            work.read(0) if isinstance(work, _Batch) else work(number + 50_000)
    if profiler:
        for sql, times in counted.most_common():
            print(f"{times / 10:5.1f} {sql[:230]}", file=sys.stderr)
    return Cost(name, own / many * 1000, database / many * 1000, counted.total() / 10)


def _in_database() -> float:
    """Seconds of processor time that the other side of this connection has used."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())

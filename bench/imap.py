"""Fetching: the drill in full, and how many mails a second come in through IMAP.

python -m bench.imap                                 a thousand mails on each server, SQLite and PostgreSQL
python -m bench.imap --server dovecot --many 200 --database sqlite
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import psycopg
from psycopg.sql import SQL, Identifier

from bench.product import prepare

SERVERS = ("pymap", "dovecot")


def main() -> int:
    """Play the drill and measure, on everything asked for; 1 when a mail was lost or doubled."""
    given = _read()
    from ahadi.testing import imap

    rows, is_right = [], True
    for database in given.database:
        with database_of(database) as url:
            for name in given.server:
                played = _drill(name, given.many, url, given.seed)
                is_right &= played.is_right
                mails = [imap.mail(n, sender=f"u{n}@load.example") for n in range(given.many)]
                accepted, settled = speed(name, mails, url)
                rows.append((database, name, played, accepted, settled))
                print(f"  {database} {name}: {played}", file=sys.stderr, flush=True)
    print(f"\n| {given.many:,} mails | delivered | once | blows | moved | taken in | read |")
    print("|---|---|---|---|---|---|---|")
    for database, name, played, accepted, settled in rows:
        blows = ", ".join(f"{kind} {count}" for kind, count in played.blows.items())
        once = f"{min(played.tickets, played.messages)}{'' if played.is_right else ' WRONG'}"
        cells = [played.delivered, once, blows, played.moved, f"{accepted:.0f}/s", f"{settled:.0f}/s"]
        print(f"| {name}, {database} | " + " | ".join(map(str, cells)) + " |")
    return 0 if is_right else 1


def _read() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.imap", description="Drills and measures fetching.")
    parser.add_argument("--many", type=int, default=1000, metavar="N", help="mails")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="another order of blows")
    parser.add_argument("--server", action="append", choices=SERVERS, help="only this one; may be repeated")
    parser.add_argument("--database", action="append", choices=["sqlite", "postgres"], help="only this one")
    given = parser.parse_args()
    given.database = given.database or ["sqlite", "postgres"]
    given.server = given.server or list(SERVERS)
    return given


@contextmanager
def database_of(name: str) -> Iterator[str]:
    """A PostgreSQL of its own while it is needed, or nothing for SQLite."""
    if name == "sqlite":
        yield ""
        return
    from ahadi.testing.postgresql import Server

    server = Server(is_durable=True)
    try:
        yield server.start()
    finally:
        server.stop()


def _drill(name: str, many: int, url: str, seed: int):  # type: ignore[no-untyped-def]
    from ahadi.testing import drill

    with _place(name, url) as (server, house):
        # Long enough for every kind of blow to come many times.
        return drill.Drill(server, house, seed).run(many, pause=0.05, patience=600)


def speed(name: str, mails: list[bytes], url: str) -> tuple[float, float]:
    """Mails a second from a full mailbox: stored, and read to the end with their acknowledgements."""
    from ahadi.testing import imap

    many = len(mails)
    with _place(name, url) as (server, house):
        imap.deliver(server, mails)
        house.ask(f"from bench.product import VOUCHING; {KNOWN.format(many=many)}")
        server.start()
        # The first look of a server at new files is its own work.
        client = imap.client(server)
        client.select("INBOX", readonly=True)
        client.logout()
        house.ask(f"s = type('S', (), {{'port': {server.port}}}); imap.connected(s, make.inbox())")
        house.start()
        stored = float(house.ask(STORED.format(many=many)))
        read = float(house.ask(READ.format(many=many)))
        return many / stored, many / read


# Somebody whose own server vouches for them, where the mails say so.
KNOWN = """
from ahadi.lib import clock
from ahadi.people.models import Address, Customer
Trust.objects.get_or_create(kind='server', value=VOUCHING, inbox=None)
emails = [f'load{{n}}@post.example' for n in range({many})]
people = Customer.objects.bulk_create(Customer(name='Ruth', language='en') for _ in emails)
given = dict(kind='email', proven=clock.now())
Address.objects.bulk_create(
    Address(customer=person, value=email, shown=email, **given) for person, email in zip(people, emails)
)
"""
# From the first stored mail to the last one, and to the moment when nothing waits.
STORED = """
import time
while RawMessage.objects.count() < {many}:
    time.sleep(0.02)
times = RawMessage.objects.aggregate(first=Min('received'), last=Max('received'))
print(max((times['last'] - times['first']).total_seconds(), 0.001))
"""
READ = """
import time
from ahadi.lib import clock
first = RawMessage.objects.aggregate(first=Min('received'))['first']
while RawMessage.objects.filter(outcome='').exists() or Job.objects.exists():
    time.sleep(0.05)
print((clock.now() - first).total_seconds())
"""


@contextmanager
def _place(name: str, url: str):  # type: ignore[no-untyped-def]
    """A server and a house, both new, both gone afterwards."""
    from ahadi.testing import drill, imap

    kind = {"pymap": imap.Pymap, "dovecot": imap.Dovecot}[name]
    if kind is imap.Dovecot and not imap.Dovecot.is_here():
        raise SystemExit("There is no dovecot on this machine; give --server pymap.")
    with tempfile.TemporaryDirectory(prefix="ahadi-drill-") as data:
        house, server = drill.House(Path(data), _fresh(url)), kind(imap.folder())
        try:
            yield server, house
        finally:
            house.kill()
            server.kill()


def _fresh(url: str) -> str:
    """A database of its own in the server at this address."""
    if not url:
        return ""
    name = f"drill{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return url.replace("/postgres?", f"/{name}?")


@contextmanager
def within_django() -> Iterator[None]:
    """Settings on a folder of their own, for what only needs the models."""
    with tempfile.TemporaryDirectory(prefix="ahadi-drill-") as here:
        os.environ.update(prepare(Path(here)), DJANGO_SETTINGS_MODULE="ahadi.settings")
        django.setup()
        yield


if __name__ == "__main__":
    with within_django():
        sys.exit(main())

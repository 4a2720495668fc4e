"""The product under measurement: a server of its own on a folder of its own, on either database."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

# Somebody who uses less than this share of a processor for so many seconds is at rest: an idle product with
# PostgreSQL uses half of it. How long it is waited for at most.
AT_REST, LOOK_AGAIN, UNREST = 0.1, 3.0, 900.0


@dataclass(frozen=True)
class Product:
    """A running server: where it is, its process, and how long it took to answer."""

    url: str
    smtp_port: int
    environment: dict[str, str]
    pid: int
    start_seconds: float

    def ask(self, *arguments: str) -> str:
        """Run an `ahadi` command on the same data and return what it printed."""
        return _ahadi(self.environment, *arguments)

    def run(self, words: str) -> str:
        """Run a piece of Python among the models on the same data and return what it printed."""
        return run(self.environment, words)

    def unread(self) -> int:
        """Mails that the door has accepted and nobody has read yet."""
        asked = "SELECT count(*) FROM outbox_job WHERE name = 'channels.take_in'"
        if url := self.environment.get("AHADI_DATABASE"):
            with psycopg.connect(url) as door:
                found = door.execute(asked).fetchone()
        else:
            with closing(sqlite3.connect(f"{self.environment['AHADI_DATA']}/ahadi.sqlite3")) as file:
                found = file.execute(asked).fetchone()
        return int(found[0]) if found else 0

    def plan_anew(self) -> None:
        """Let PostgreSQL count its rows now, as it does by itself within a minute of such work."""
        if url := self.environment.get("AHADI_DATABASE"):
            with psycopg.connect(url, autocommit=True) as door:
                door.execute("ANALYZE")

    def rest(self) -> None:
        """Wait until it has nothing left to do: what came due while nobody worked here is done first."""
        before, end = self._worked(), time.monotonic() + UNREST
        while time.monotonic() < end:
            time.sleep(LOOK_AGAIN)
            now = self._worked()
            if now - before < AT_REST * LOOK_AGAIN:
                return
            before = now
        raise SystemExit(f"The product did not come to rest within {UNREST:.0f} seconds.")

    def _worked(self) -> float:
        return sum(_seconds(pid) for pid in [self.pid, *_children(self.pid)])

    def prove(self, name: str, many: int) -> None:
        """People with proven addresses, name0@post.example and so on, whose mail server vouches for them.

        Machines write to strangers only so often, and nobody measures an acknowledgement that was withheld.
        """
        self.run(PROVE.format(name=name, many=many, server=VOUCHING))

    def memory(self, part: str = "Pss") -> float:
        """Proportional memory of the process and its children, in MB: all, or only Pss_Anon or Pss_File."""
        return sum(_pss(pid, part) for pid in [self.pid, *_children(self.pid)]) / 1024


# Believed like a mail server of the company's own, so that nobody asks the DNS for what is measured.
VOUCHING = "mx.marlo.example"
VOUCHED = f"{VOUCHING}; dmarc=pass header.from=post.example"
PROVE = """
from ahadi.channels.models import Trust
from ahadi.lib import clock
from ahadi.people.models import Address, Customer
Trust.objects.get_or_create(kind=Trust.Kind.SERVER, value="{server}", inbox=None)
people = Customer.objects.bulk_create(
    (Customer(name="Ruth Ellis", language="en") for _ in range({many})), batch_size=1000
)
emails = [f"{name}{{number}}@post.example" for number in range({many})]
Address.objects.bulk_create(
    (
        Address(customer=person, kind="email", value=email, shown=email, proven=clock.now())
        for person, email in zip(people, emails)
    ),
    batch_size=1000,
)
"""


SETTLE = """
from django.conf import settings
from django.utils.module_loading import import_string
for path in settings.ROUNDS:
    if "nightly" not in path and "ledger.asking" not in path:
        while import_string(path)() and "attend" not in path:
            pass
"""


def run(environment: dict[str, str], words: str) -> str:
    """Run a piece of Python among the models and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{words}"],
        env={**environment, "DJANGO_SETTINGS_MODULE": "ahadi.settings"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return done.stdout.strip()


@contextmanager
def running(data: Path, database: str = "") -> Iterator[Product]:
    """Start the product on a folder that is already set up, and end it after the block."""
    environment = prepare(data, database)
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "ahadi", "up"], env=environment, stdout=subprocess.DEVNULL
    )
    try:
        url = environment["AHADI_URL"]
        _wait_for(url)
        took = time.perf_counter() - begun
        port = int(environment["AHADI_SMTP_IN"].rpartition(":")[2])
        yield Product(url, port, environment, process.pid, took)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def prepare(data: Path, database: str = "") -> dict[str, str]:
    """The environment of a product of its own, with free ports."""
    web, smtp = free_port(), free_port()
    given = {name: value for name, value in os.environ.items() if not name.startswith("AHADI_")}
    given |= {
        "AHADI_DATA": str(data),
        "AHADI_PORT": str(web),
        "AHADI_URL": f"http://127.0.0.1:{web}",
        "AHADI_SMTP_IN": f"127.0.0.1:{smtp}",
    }
    return given | ({"AHADI_DATABASE": database} if database else {})


def fill(data: Path, number: int, database: str = "", are_open: int = 0) -> float:
    """Fill in the demo company and this many tickets; returns seconds."""
    begun = time.perf_counter()
    share = ("--open", str(are_open)) if are_open else ()
    _ahadi(prepare(data, database), "demo", "--many", str(number), *share)
    return time.perf_counter() - begun


def settle(data: Path, database: str = "") -> None:
    """Bring the tables up to date and do what came due since anybody worked here, as a worker would."""
    environment = prepare(data, database)
    _ahadi(environment, "setup")
    run(environment, SETTLE)


def _ahadi(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ahadi", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def _wait_for(url: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise SystemExit("The product did not start within 12 seconds.")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children")
    direct = [int(child) for child in found.read_text().split()] if found.exists() else []
    return direct + [grandchild for child in direct for grandchild in _children(child)]


def _seconds(pid: int) -> float:
    """Of processor, by a process and the kernel for it (proc(5), fields 14 and 15)."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _pss(pid: int, part: str) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith(f"{part}:"))

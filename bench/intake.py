"""Mail coming in: how many a second by SMTP and by IMAP, beside bare libraries, and memory over many mails.

python -m bench.intake                               2,000 mails each way, SQLite and PostgreSQL
python -m bench.intake --database sqlite --memory 100000
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import smtplib
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

from bench.imap import database_of
from bench.product import VOUCHED, Product, fill, running

# Larger ones measure the copying of bytes.
LARGEST = 64 * 1024
CONNECTIONS = 4
# Tickets that are there before: nobody is new every day.
FILLED = 20_000
# How often memory is looked at, and how many mails may wait meanwhile.
EVERY, STEP = 10_000, 2_000
_OWN = re.compile(rb"^(?:message-id|from|authentication-results|to|cc):.*\r\n(?:[ \t].*\r\n)*", re.I | re.M)


class Sample(NamedTuple):
    """Memory after so many mails: what all processes hold without counting twice, pages of files that they
    map (the kernel takes them back when it needs room), and what each holds."""

    mails: int
    megabytes: float
    mapped: float
    each: dict[str, float]


def main() -> int:
    """Measure on each database asked for and print one table."""
    given = _read()
    material = _material(given.mails)
    columns = {name: _on(name, given, material) for name in given.database}
    rows = list(dict.fromkeys(row for column in columns.values() for row in column))
    print(f"\n| {given.many:,} mails | " + " | ".join(columns) + " |")
    print("|---|" + "---|" * len(columns))
    for row in rows:
        print(f"| {row} | " + " | ".join(column.get(row, "") for column in columns.values()) + " |")
    return 0


def _read() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.intake", description="Measures mail coming in.")
    parser.add_argument("--many", type=int, default=2_000, metavar="N", help="mails for each speed")
    parser.add_argument(
        "--memory", type=int, default=0, metavar="N", help="then watch memory over so many mails"
    )
    parser.add_argument(
        "--mails", type=Path, default=Path("../shared/data/mail"), help="folder of real mails"
    )
    parser.add_argument("--database", action="append", choices=["sqlite", "postgres"], help="only this one")
    given = parser.parse_args()
    given.database = given.database or ["sqlite", "postgres"]
    return given


def _material(folder: Path) -> list[bytes]:
    from bench.mails import find

    mails = [path.read_bytes() for path in find(folder)]
    fitting = [mail for mail in mails if 0 < len(mail) <= LARGEST]
    if not fitting:
        raise SystemExit(f"There are no mails in {folder}; give a folder with --mails.")
    return fitting


def varied(material: list[bytes], number: int) -> bytes:
    """One of the mails, with a sender and an id of its own."""
    mail = material[number % len(material)]
    whole = mail.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    head, gap, body = whole.partition(b"\r\n\r\n")
    own = (
        f"Authentication-Results: {VOUCHED}\r\nFrom: Ruth Ellis <load{number}@post.example>\r\n"
        f"To: help@marlo.example\r\nMessage-ID: <{number}.{time.time_ns()}@post.example>\r\n"
    )
    return own.encode() + _OWN.sub(b"", head + b"\r\n").rstrip(b"\r\n") + gap + body + b"\r\n"


# ── bare libraries ───────────────────────────────────────────────────────────


def _bare_door(material: list[bytes], many: int) -> float:
    """aiosmtpd that stores nothing, in a process of its own."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_throw_away, args=(there,), daemon=True)
    server.start()
    try:
        port = here.recv()
        begun = time.perf_counter()
        _send(material, port, range(many))
        return many / (time.perf_counter() - begun)
    finally:
        server.terminate()


class _Nothing:
    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        """Say yes and forget it."""
        return "250 OK"


def _throw_away(tell) -> None:  # type: ignore[no-untyped-def]
    from aiosmtpd.controller import Controller

    from bench.product import free_port

    port = free_port()
    Controller(_Nothing(), hostname="127.0.0.1", port=port).start()
    tell.send(port)
    threading.Event().wait()


def _bare_parser(material: list[bytes], many: int) -> float:
    from ahadi.channels.email import new_text, parse

    mails = [varied(material, number) for number in range(many)]
    begun = time.perf_counter()
    for mail in mails:
        new_text(parse(mail).text)
    return many / (time.perf_counter() - begun)


# ── the product ──────────────────────────────────────────────────────────────


def _on(name: str, given: argparse.Namespace, material: list[bytes]) -> dict[str, str]:
    found = {
        "bare aiosmtpd, stores nothing": f"{_bare_door(material, given.many):.0f}/s",
        "bare parser, one process": f"{_bare_parser(material, given.many):.0f}/s",
    }
    with _product(name, max(given.many, given.memory) + len(material)) as product:
        numbers = count()
        # Each kind of mail was there before: what is begun when first needed is no part of the speed.
        _send(material, product.smtp_port, [next(numbers) for _ in material])
        _drain(product)
        product.plan_anew()
        accepted, read, settled = _by_smtp(product, material, [next(numbers) for _ in range(given.many)])
        found["by SMTP, accepted"] = f"{accepted:.0f}/s"
        found["by SMTP, read, a ticket of each"] = f"{read:.0f}/s"
        found["by SMTP, acknowledged as well"] = f"{settled:.0f}/s"
        found["what became of them"] = _outcomes(product)
        if given.memory:
            found["memory"] = _shown(_memory(product, material, given.memory))
    with database_of(name) as url:
        stored, read = _by_imap(given.many, material, url)
        found["by IMAP (pymap), fetched and stored"] = f"{stored:.0f}/s"
        found["by IMAP (pymap), read, acknowledged"] = f"{read:.0f}/s"
    for row, shown in found.items():
        print(f"  {name} {row}: {shown}", file=sys.stderr, flush=True)
    return found


@contextmanager
def _product(name: str, people: int) -> Iterator[Product]:
    with tempfile.TemporaryDirectory(prefix="ahadi-intake-") as data, database_of(name) as url:
        fill(Path(data), FILLED, url)
        with running(Path(data), url) as product:
            product.prove("load", people)
            yield product


def _by_smtp(product: Product, material: list[bytes], numbers: list[int]) -> tuple[float, float, float]:
    """Mails a second that were accepted, became tickets, and were answered; each from the first mail on."""
    begun = time.perf_counter()
    _send(material, product.smtp_port, numbers)
    accepted = time.perf_counter() - begun
    while product.unread():
        time.sleep(0.05)
    read = time.perf_counter() - begun
    _drain(product)
    return tuple(len(numbers) / took for took in (accepted, read, time.perf_counter() - begun))  # type: ignore[return-value]


def _send(material: list[bytes], port: int, numbers) -> None:  # type: ignore[no-untyped-def]
    waiting, lock = iter(numbers), threading.Lock()

    def serve() -> None:
        door = smtplib.SMTP("127.0.0.1", port, timeout=60)
        door.ehlo("bench")
        while True:
            with lock:
                number = next(waiting, None)
            if number is None:
                break
            door.mail(f"load{number}@post.example")
            door.rcpt("help@marlo.example")
            code, said = door.data(varied(material, number))
            if code != 250:
                raise SystemExit(f"A mail was refused: {code} {said!r}")
        door.quit()

    threads = [threading.Thread(target=serve) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _drain(product: Product) -> None:
    from bench.measures import drain

    drain(product)


def _outcomes(product: Product) -> str:
    return product.run(
        "from ahadi.channels.models import Delivery, RawMessage, Withheld\n"
        "from django.db.models import Count\n"
        "rows = RawMessage.objects.values_list('outcome').annotate(n=Count('pk')).order_by('outcome')\n"
        "found = {name or 'pending': n for name, n in rows}\n"
        "found['mails of ours'] = Delivery.objects.count()\n"
        "found['withheld'] = Withheld.objects.count()\n"
        "print(', '.join(f'{name} {n}' for name, n in found.items()))"
    )


# ── memory ───────────────────────────────────────────────────────────────────


def _memory(product: Product, material: list[bytes], many: int) -> list[Sample]:
    samples = []
    for start in range(0, many, EVERY):
        end = min(start + EVERY, many)
        for first in range(start, end, STEP):
            _send(material, product.smtp_port, range(first, min(first + STEP, end)))
            # So that what waits is no part of it.
            _drain(product)
        samples.append(
            Sample(end, product.memory("Pss_Anon"), product.memory("Pss_File"), _each(product.pid))
        )
        print(f"  {_row(samples[-1])}", file=sys.stderr, flush=True)
    return samples


def _each(pid: int) -> dict[str, float]:
    """Megabytes of the process that watches and of every part, in the order of their start."""
    from bench.product import _children

    found = {}
    for place, one in enumerate([pid, *sorted(_children(pid))]):
        status = Path(f"/proc/{one}/status").read_text()
        is_reader = "ahadi.lib.mail" in Path(f"/proc/{one}/cmdline").read_text()
        name = "reader of large mails" if is_reader else f"part {place}" if place else "watches"
        found[name] = int(status.partition("RssAnon:")[2].split()[0]) / 1024
    return found


def _row(sample: Sample) -> str:
    each = ", ".join(f"{name} {megabytes:.0f}" for name, megabytes in sample.each.items())
    return f"{sample.mails:,} mails: {sample.megabytes:.0f} MB, of files {sample.mapped:.0f} MB; each: {each}"


def _shown(samples: list[Sample]) -> str:
    settled = samples[len(samples) // 4 :]
    first, last = samples[0], samples[-1]
    return (
        f"{first.megabytes:.0f} MB after {first.mails:,}, {last.megabytes:.0f} MB after {last.mails:,};"
        f" {slope(settled):+.1f} kB for 1,000 mails after the first quarter"
    )


def slope(samples: list[Sample]) -> float:
    """Kilobytes for each thousand mails, by least squares."""
    if len(samples) < 2:
        return 0.0
    middle = sum(sample.mails for sample in samples) / len(samples)
    mean = sum(sample.megabytes for sample in samples) / len(samples)
    above = sum((sample.mails - middle) * (sample.megabytes - mean) for sample in samples)
    below = sum((sample.mails - middle) ** 2 for sample in samples)
    return above / below * 1024 * 1000


# ── IMAP ─────────────────────────────────────────────────────────────────────


def _by_imap(many: int, material: list[bytes], url: str) -> tuple[float, float]:
    from bench.imap import speed

    return speed("pymap", [varied(material, number) for number in range(many)], url)


if __name__ == "__main__":
    from bench.imap import within_django

    with within_django():
        sys.exit(main())

"""python -m bench.chat: open panels and messages on one process, beside a bare asyncio echo in the same run.

python -m bench.chat                                    5,000 panels, 100 desks, 500 messages a second
python -m bench.chat --many 500 --rate 50 --seconds 5   less of everything
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from bench import product
from bench.streams import _allow_files as allow_files

# A name, the address, and the session of whoever looks at it.
Page = tuple[str, str, str]
# Connections that messages are sent over; a browser keeps one open.
LINES = 48
SETTLES = 3.0

PREPARE = """
from django.test import Client
from uuid import uuid4
from ahadi.channels.chat import talks
from ahadi.channels.models import Visitor
from ahadi.testing import make
site = make.site()
Visitor.objects.bulk_create(
    (Visitor(site=site, token_hash=talks.hash_of("panel-%032d" % n), language="en") for n in range({many})),
    batch_size=1000,
)
for visitor in Visitor.objects.select_related("site__team").order_by("pk")[:{talkers}]:
    talks.say(visitor, uuid4(), "It stops")
for number in range({desks}):
    client = Client()
    client.force_login(make.agent(f"Agent {{number}}"))
    print(client.cookies["session"].value)
"""


def main() -> int:
    """Measure both and print one table."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.chat", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--many", type=int, default=5_000, help="open panels")
    parser.add_argument("--talkers", type=int, default=1_000, help="of them, those who write")
    parser.add_argument("--desks", type=int, default=100, help="agents who listen")
    parser.add_argument("--rate", type=int, nargs="+", default=[50, 100, 200, 500], help="messages a second")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    allow_files()
    if given.serve:
        asyncio.run(_serve_bare(given.port))
        return 0
    given.talkers = min(given.talkers, given.many)
    for name, measure in (("Ahadi", _ahadi), ("bare echo", _bare)):
        found = measure(given)
        print(f"\n{name}: {found.pop('idle')}\n")
        print("| asked | delivered | to desks | p50 | p99 | slowest | pages meanwhile, p95 | server, load |")
        print("|---|---|---|---|---|---|---|---|")
        for row in found["rows"]:
            print(f"| {' | '.join(row)} |", flush=True)
    return 0


# ── the two servers ─────────────────────────────────────────────────────────


def _ahadi(given: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="ahadi-chat-") as folder, _database(given.database) as url:
        environment = product.prepare(Path(folder), url)
        product._ahadi(environment, "setup")
        made = product.run(
            environment, PREPARE.format(many=given.many, talkers=given.talkers, desks=given.desks)
        )
        port = urlsplit(environment["AHADI_URL"]).port or 0
        with _process([sys.executable, "-m", "ahadi", "web"], environment) as pid:
            return asyncio.run(
                _measure(given, _one_server(pid, environment["AHADI_URL"]), port, made.split())
            )


@contextmanager
def _database(kind: str) -> Iterator[str]:
    from ahadi.testing.postgresql import Server

    server = Server(is_durable=True) if kind == "postgres" else None
    try:
        yield server.start() if server else ""
    finally:
        if server:
            server.stop()


def _bare(given: argparse.Namespace) -> dict[str, Any]:
    port = product.free_port()
    command = [sys.executable, "-m", "bench.chat", "--serve", "bare", "--port", str(port)]
    with _process(command, None) as pid:
        return asyncio.run(_measure(given, pid, port, []))


def _one_server(watching: int, url: str) -> int:
    """The only web server of a product that was started on one core, free to run on all from now on."""
    product._wait_for(url)
    (server,) = product._children(watching)
    for thread in Path(f"/proc/{server}/task").iterdir():
        os.sched_setaffinity(int(thread.name), range(os.cpu_count() or 1))
    return server


class _process:
    def __init__(self, command: list[str], environment: dict[str, str] | None) -> None:
        # A product starts a web server for each core that it may use.
        more: dict[str, Any] = {"preexec_fn": lambda: os.sched_setaffinity(0, {0})} if environment else {}
        self.process = subprocess.Popen(command, env=environment, **more)

    def __enter__(self) -> int:
        return int(self.process.pid)

    def __exit__(self, *_error: object) -> None:
        self.process.terminate()
        self.process.wait()


async def _serve_bare(port: int) -> None:
    writers: dict[bytes, asyncio.StreamWriter] = {}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await serve(reader, writer)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            token = head.split(b"Bearer ", 1)[-1].split(b"\r\n", 1)[0]
            if head.startswith(b"GET /widget/stream/"):
                writers[token] = writer
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nretry: 2000\n\n")
                continue
            size = (
                int(head.lower().split(b"content-length: ", 1)[-1].split(b"\r\n", 1)[0] or 0)
                if b"POST" in head[:5]
                else 0
            )
            body = await reader.readexactly(size)
            if size and token in writers:
                writers[token].write(b"event: entry\ndata: " + body + b"\n\n")
            writer.write(b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}")

    server = await asyncio.start_server(answer, "127.0.0.1", port, backlog=4096)
    async with server:
        await server.serve_forever()


# ── the load ────────────────────────────────────────────────────────────────


@dataclass
class _House:
    """Everybody who listens, and what they heard."""

    waits: list[float] = field(default_factory=list)
    at_desks: int = 0
    here: int = 0


class _Stream(asyncio.Protocol):
    """An open panel or desk, as little of it as possible."""

    def __init__(self, house: _House, head: bytes, is_desk: bool) -> None:
        self.house, self.head, self.is_desk = house, head, is_desk
        self.rest = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self.head)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        if b"retry: " in data:
            self.house.here += 1
        if self.is_desk:
            self.house.at_desks += data.count(b"event: ticket\n")
            return
        *parts, self.rest = (self.rest + data).split(b"\n\n")
        for part in parts:
            if b"event: entry" in part and b'"text":"at ' in part:
                self.house.waits.append(now - float(part.split(b'"text":"at ', 1)[1].split(b'"', 1)[0]))


class _Line:
    """One connection over which messages go, one after the other."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def call(self, method: str, path: str, head: str = "", body: bytes = b"") -> int:
        head = f"Host: 127.0.0.1:{self.port}\r\n{head}Content-Length: {len(body)}\r\n\r\n"
        self.writer.write(f"{method} {path} HTTP/1.1\r\n{head}".encode() + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        size = int(answer.lower().split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
        await self.reader.readexactly(size)
        return int(answer.split(b" ", 2)[1])


async def _measure(given: argparse.Namespace, pid: int, port: int, sessions: Sequence[str]) -> dict[str, Any]:
    await _wait_for(port)
    house = _House()
    # The first one of each kind loads what all share.
    await _listen(port, house, [_panel(port, 0)], is_desk=False)
    line = _Line(port)
    await line.open()
    await _send(line, 0)
    await line.call("GET", "/")
    await asyncio.sleep(SETTLES)
    before, begun = _memory(pid), time.monotonic()
    await _listen(port, house, [_panel(port, number) for number in range(1, given.many)], is_desk=False)
    took = time.monotonic() - begun
    await asyncio.sleep(SETTLES)
    more = (_memory(pid) - before) / 1024
    await _listen(port, house, [_desk(port, each) for each in sessions], is_desk=True)
    idle = f"{given.many:,} open panels came in {took:.1f} s and take {more:.0f} MB beyond the base"
    pages = [("contact", "/", ""), ("inbox", "/desk/open/", sessions[0])] if sessions else [("", "/", "")]
    # The server has closed the first line meanwhile, because nothing came over it.
    line = _Line(port)
    await line.open()
    for _name, path, session in pages:
        await line.call("GET", path, f"Cookie: session={session}\r\n" if session else "")
    rows = [await _load(given, pid, port, house, rate, pages) for rate in given.rate]
    return {"idle": idle, "rows": rows}


async def _load(
    given: argparse.Namespace,
    pid: int,
    port: int,
    house: _House,
    rate: int,
    pages: list[tuple[str, str, str]],
) -> list[str]:
    house.waits, house.at_desks = [], 0
    turns: asyncio.Queue[int | None] = asyncio.Queue()
    looks: list[list[float]] = [[] for _page in pages]
    workers = [asyncio.create_task(_work(port, turns)) for _number in range(LINES)]
    visits = [
        asyncio.create_task(_visit(port, path, session, found))
        for (_name, path, session), found in zip(pages, looks, strict=True)
    ]
    busy, own = _processor(pid), time.process_time()
    begun, count = time.monotonic(), 0
    while (gone := time.monotonic() - begun) < given.seconds:
        while count < gone * rate:
            turns.put_nowait(count % given.talkers)
            count += 1
        await asyncio.sleep(0.002)
    for _worker in workers:
        turns.put_nowait(None)
    refused = sum(await asyncio.gather(*workers))
    took = time.monotonic() - begun
    shares = (_processor(pid) - busy) / took, (time.process_time() - own) / took
    for visit in visits:
        visit.cancel()
    await asyncio.sleep(1)
    waits = sorted(house.waits) or [0.0]
    slow = [sorted(found)[int(len(found) * 0.95)] * 1000 if found else 0.0 for found in looks]
    return [
        f"{rate}/s",
        f"{len(house.waits):,} of {count:,}, {len(house.waits) / took:,.0f}/s"
        + (f", {refused} refused" if refused else ""),
        f"{house.at_desks:,}",
        f"{waits[len(waits) // 2] * 1000:.1f} ms",
        f"{waits[int(len(waits) * 0.99)] * 1000:.1f} ms",
        f"{waits[-1] * 1000:.0f} ms",
        ", ".join(f"{page[0]} {each:.0f} ms" for page, each in zip(pages, slow, strict=True)),
        f"{shares[0]:.0%}, {shares[1]:.0%}",
    ]


async def _work(port: int, turns: asyncio.Queue[int | None]) -> int:
    line, refused = _Line(port), 0
    await line.open()
    while (number := await turns.get()) is not None:
        refused += await _send(line, number) not in (200, 201)
    line.writer.close()
    return refused


async def _send(line: _Line, number: int) -> int:
    # The moment before sending is the text, and comes back with it.
    said = {"client_id": str(uuid4()), "text": f"at {time.monotonic()}", "files": []}
    body = json.dumps(said, separators=(",", ":")).encode()
    head = f"Authorization: Bearer {_token(number)}\r\nContent-Type: application/json\r\n"
    return await line.call("POST", "/widget/messages/", head, body)


async def _visit(port: int, path: str, session: str, found: list[float]) -> None:
    line = _Line(port)
    await line.open()
    while True:
        begun = time.monotonic()
        if await line.call("GET", path, f"Cookie: session={session}\r\n" if session else "") == 200:
            found.append(time.monotonic() - begun)
        await asyncio.sleep(0.1)


async def _listen(port: int, house: _House, heads: Sequence[bytes], *, is_desk: bool) -> None:
    loop, wanted = asyncio.get_running_loop(), house.here + len(heads)
    for start in range(0, len(heads), 200):
        some = heads[start : start + 200]
        making = (
            loop.create_connection(partial(_Stream, house, head, is_desk), "127.0.0.1", port) for head in some
        )
        await asyncio.gather(*making)
    for _try in range(1200):
        if house.here >= wanted:
            return
        await asyncio.sleep(0.05)
    raise SystemExit(f"Only {house.here} of {wanted} streams were opened.")


def _token(number: int) -> str:
    return f"panel-{number:032d}"


def _panel(port: int, number: int) -> bytes:
    head = f"GET /widget/stream/?after=999999 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
    return f"{head}Authorization: Bearer {_token(number)}\r\n\r\n".encode()


def _desk(port: int, session: str) -> bytes:
    head = f"GET /desk/stream/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
    return f"{head}Cookie: session={session}\r\n\r\n".encode()


async def _wait_for(port: int) -> None:
    for _try in range(400):
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise SystemExit("The server did not start within twenty seconds.")


def _processor(pid: int) -> float:
    """Seconds of a processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    """Proportional memory in kB."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return float(rollup.split("Pss:", 1)[1].split()[0])


if __name__ == "__main__":
    sys.exit(main())

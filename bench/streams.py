"""python -m bench.streams: many open streams on one process, beside a bare asyncio server doing the same.

python -m bench.streams                          5,000 streams, 5,000 deliveries a second, 10 seconds
python -m bench.streams --many 1000 --rate 1000 --seconds 5
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bench.product import free_port as free_port

PATH = "/stream/"
# So much is told at once, as it is when news of several people come together.
TICK = 0.002


def main() -> int:
    """Measure both and print one table."""
    parser = argparse.ArgumentParser(prog="python -m bench.streams", description=__doc__)
    parser.add_argument("--many", type=int, default=5_000, help="streams")
    parser.add_argument("--rate", type=int, default=5_000, help="deliveries a second")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--serve", choices=["ahadi", "bare"], help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    _allow_files()
    if given.serve:
        asyncio.run(_SERVERS[given.serve](given))
        return 0
    found = {name: asyncio.run(_measure(name, given)) for name in _SERVERS}
    print(f"\n| {given.many:,} streams on one process | " + " | ".join(found) + " |")
    print("|---|" + "---|" * len(found))
    for row in ("connected in", "memory of a stream", "deliveries", "p50", "p99", "slowest", "processor"):
        print(f"| {row} | " + " | ".join(result[row] for result in found.values()) + " |")
    return 0


# ── the two servers ─────────────────────────────────────────────────────────


async def _serve_ahadi(given: argparse.Namespace) -> None:
    import os

    import django
    import uvicorn

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ahadi.settings")
    django.setup(set_prefix=False)
    from ahadi.lib.hub import Event
    from ahadi.lib.streams import Streams

    class Everybody:
        """A door for whoever comes: an audience each."""

        def admit(self, asked: Any) -> Any:
            return SimpleNamespace(key=int(asked.query["n"]))

        def remain(self, audiences: list[Any]) -> set[Any]:
            return {each.key for each in audiences}

        def begin(self) -> None:
            """Nothing is remembered."""

        def opening(self, audience: Any, after: int | None) -> list[Event]:
            return []

        def mark(self) -> int:
            return 0

        def look(self, audiences: list[Any]) -> dict[Any, list[Event]]:
            return {}

    streams = Streams({PATH: Everybody()})
    config = uvicorn.Config(
        streams, port=given.port, lifespan="off", access_log=False, log_level="error", backlog=8_192
    )
    told = lambda key: streams.hub.tell(key, [Event("say", time.monotonic())])  # noqa: E731
    await asyncio.gather(uvicorn.Server(config).serve(), _tell(told, given))


async def _serve_bare(given: argparse.Namespace) -> None:
    writers: dict[int, asyncio.StreamWriter] = {}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        writers[int(head.split(b"n=", 1)[1].split(b" ", 1)[0])] = writer
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nretry: 2000\n\n")
        await reader.read()

    def told(key: int) -> None:
        writers[key].write(f"event: say\ndata: {time.monotonic()}\n\n".encode())

    server = await asyncio.start_server(answer, "127.0.0.1", given.port, backlog=8_192)
    async with server:
        await asyncio.gather(server.serve_forever(), _tell(told, given))


async def _tell(told: Any, given: argparse.Namespace) -> None:
    """Wait for the word, then tell one after the other at the rate that was asked for."""
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    begun, count, busy = time.monotonic(), 0, time.process_time()
    while (gone := time.monotonic() - begun) < given.seconds:
        while count < gone * given.rate:
            told(count % given.many)
            count += 1
        await asyncio.sleep(TICK)
    share = (time.process_time() - busy) / given.seconds
    print(f"{count} {share}", flush=True)


_SERVERS = {"ahadi": _serve_ahadi, "bare": _serve_bare}


# ── the readers ─────────────────────────────────────────────────────────────


class _Reader(asyncio.Protocol):
    """One browser, as little of it as possible."""

    def __init__(self, number: int, house: _House) -> None:
        self.number, self.house = number, house

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(f"GET {PATH}?n={self.number} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        if b"retry: " in data:
            self.house.came()
        for part in data.split(b"data: ")[1:]:
            self.house.waits.append(time.monotonic() - float(part.split(b"\n", 1)[0]))


@dataclass
class _House:
    """All readers."""

    many: int

    def __post_init__(self) -> None:
        self.waits: list[float] = []
        self.here = 0
        self.all_here = asyncio.Event()

    def came(self) -> None:
        self.here += 1
        if self.here == self.many:
            self.all_here.set()


async def _measure(name: str, given: argparse.Namespace) -> dict[str, str]:
    port = free_port()
    command = [sys.executable, "-m", "bench.streams", "--serve", name, "--port", str(port)]
    command += ["--many", str(given.many), "--rate", str(given.rate), "--seconds", str(given.seconds)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        return await _load(process, port, given)
    finally:
        process.kill()
        process.wait()


async def _load(process: Any, port: int, given: argparse.Namespace) -> dict[str, str]:
    await _connect(port, -1, _House(1))
    before = _memory(process.pid)
    house, begun = _House(given.many), time.monotonic()
    for start in range(0, given.many, 200):
        numbers = range(start, min(start + 200, given.many))
        await asyncio.gather(*(_connect(port, number, house) for number in numbers))
    await house.all_here.wait()
    took = time.monotonic() - begun
    await asyncio.sleep(2)
    each = (_memory(process.pid) - before) / given.many
    process.stdin.write("go\n")
    process.stdin.flush()
    sent, share = (await asyncio.to_thread(process.stdout.readline)).split()
    await asyncio.sleep(1)
    waits = sorted(house.waits)
    return {
        "connected in": f"{took:.1f} s",
        "memory of a stream": f"{each:.1f} kB",
        "deliveries": f"{len(waits):,} of {int(sent):,}; {len(waits) / given.seconds:,.0f}/s",
        "p50": f"{waits[len(waits) // 2] * 1000:.2f} ms",
        "p99": f"{waits[int(len(waits) * 0.99)] * 1000:.2f} ms",
        "slowest": f"{waits[-1] * 1000:.1f} ms",
        "processor": f"{float(share) * 100:.0f} % of a core",
    }


async def _connect(port: int, number: int, house: _House) -> None:
    loop = asyncio.get_running_loop()
    for _ in range(200):
        try:
            await loop.create_connection(lambda: _Reader(number, house), "127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            return
    raise SystemExit("The server did not start within ten seconds.")


def _memory(pid: int) -> float:
    """Proportional memory in kB."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return float(rollup.split("Pss:", 1)[1].split()[0])


def _allow_files() -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    sys.exit(main())

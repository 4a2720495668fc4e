"""A small HTTP load: some connections that are kept open, one request after the other on each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Request:
    """One request, ready to be sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""

    def encode(self, host: str) -> bytes:
        """The bytes on the wire."""
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {host}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines.append(f"Content-Length: {len(self.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body


@dataclass(frozen=True)
class Result:
    """What came out: how many a second, and how long one took, in milliseconds."""

    name: str
    count: int
    per_second: float
    p50: float
    p95: float
    wrong: int


def run(name: str, base: str, make: Callable[[int], Request], seconds: float, connections: int = 8) -> Result:
    """Send what `make(n)` gives for some seconds and measure every answer."""
    return asyncio.run(_run(name, base, make, seconds, connections))


async def _run(
    name: str, base: str, make: Callable[[int], Request], seconds: float, connections: int
) -> Result:
    parts = urlsplit(base)
    numbers = iter(range(10_000_000))
    times: list[float] = []
    wrong = [0]
    begun = perf_counter()

    async def work() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        while perf_counter() - begun < seconds:
            sent = perf_counter()
            writer.write(make(next(numbers)).encode(parts.netloc))
            status = await _read(reader)
            times.append((perf_counter() - sent) * 1000)
            wrong[0] += status >= 400
        writer.close()

    await asyncio.gather(*(work() for _ in range(connections)))
    took = perf_counter() - begun
    times.sort()
    p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
    return Result(name, len(times), len(times) / took, p50, p95, wrong[0])


async def _read(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = int(head.split(" ", 2)[1])
    if "transfer-encoding: chunked" in head:
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        length = next((line for line in head.split("\r\n") if line.startswith("content-length:")), "")
        await reader.readexactly(int(length.split(":")[1]) if length else 0)
    return status

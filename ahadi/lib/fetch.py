"""Getting something from an address a stranger wrote: only from public machines, bounded in size and time."""

from __future__ import annotations

import http.client
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, quote, urljoin, urlsplit

LARGEST = 5 * 1024 * 1024
SECONDS = 10.0
MAX_REDIRECTS = 3
PORTS = {"http": {80, 8080}, "https": {443, 8443}}

IpAddress = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[str]]

# Ways to write another address in an IPv6 one, and what the standard library of some versions calls public.
_NOT_PUBLIC = [
    ip_network(net)
    for net in (
        "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "::/96", "64:ff9b::/96",
        "64:ff9b:1::/48", "100::/64", "2001::/23", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
    )
]  # fmt: skip
_PICTURES = (
    ("image/png", b"\x89PNG\r\n\x1a\n", b""),
    ("image/jpeg", b"\xff\xd8\xff", b""),
    ("image/gif", b"GIF87a", b""),
    ("image/gif", b"GIF89a", b""),
    ("image/webp", b"RIFF", b"WEBP"),
)
_AS_WRITTEN = "/%:@!$&'()*+,;=~-._"
_REDIRECTS = {301, 302, 303, 307, 308}


class Refused(Exception):
    """It was not fetched; the words say why in a few plain English words for the log."""


@dataclass(frozen=True)
class Fetched:
    """What came back, and from where in the end."""

    status: int
    content: bytes
    address: str


@dataclass(frozen=True)
class Limits:
    """How much is waited for and taken; tests put in their own machines."""

    largest: int = LARGEST
    seconds: float = SECONDS
    is_allowed: Callable[[IpAddress], bool] = field(default=lambda ip: is_public(ip))
    resolve: Resolve = field(default=lambda host, port: _resolved(host, port))
    ports: Mapping[str, set[int]] | None = field(default_factory=lambda: PORTS)


@dataclass(frozen=True)
class _Question:
    method: str
    address: str
    body: bytes | None
    headers: Mapping[str, str]


def picture(address: str, limits: Limits | None = None) -> tuple[str, bytes]:
    """The content type and the bytes of a picture, told by its first bytes alone; Refused otherwise."""
    found = get(address, limits)
    kind = picture_kind(found.content)
    if found.status != 200 or not kind:
        raise Refused(f"no picture ({found.status})")
    return kind, found.content


def picture_kind(content: bytes) -> str:
    """The content type of a picture that browsers draw, or an empty string."""
    for kind, start, fourth in _PICTURES:
        if content.startswith(start) and content[8:12].startswith(fourth):
            return kind
    return ""


def get(address: str, limits: Limits | None = None, headers: Mapping[str, str] | None = None) -> Fetched:
    """Fetch an address and follow a few redirects, each looked at like the first; they hear no headers."""
    limits = limits or Limits()
    until = time.monotonic() + limits.seconds
    for turn in range(MAX_REDIRECTS + 1):
        sent = headers if headers and turn == 0 else {}
        answer, location = _once(_Question("GET", address, None, sent), limits, until)
        if answer.status not in _REDIRECTS or not location:
            return answer
        following = urljoin(address, location)
        if address.startswith("https:") and not following.startswith("https:"):
            raise Refused("a redirect that gives up the encryption")
        address = following
    raise Refused("too many redirects")


def post(address: str, body: bytes, headers: Mapping[str, str], limits: Limits | None = None) -> Fetched:
    """Send something to an address, once; a redirect is an answer and is not followed."""
    limits = limits or Limits()
    return _once(_Question("POST", address, body, headers), limits, time.monotonic() + limits.seconds)[0]


def delete(address: str, headers: Mapping[str, str], limits: Limits | None = None) -> Fetched:
    """Ask an address to end what it stands for, once."""
    limits = limits or Limits()
    return _once(_Question("DELETE", address, None, headers), limits, time.monotonic() + limits.seconds)[0]


def is_public(ip: IpAddress) -> bool:
    """Whether a number belongs to a machine anybody may reach: not this house, not a trick."""
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        return False
    if any(ip.version == net.version and ip in net for net in _NOT_PUBLIC):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback)


def _once(question: _Question, limits: Limits, until: float) -> tuple[Fetched, str]:
    parts = _parts(question.address, limits)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    number = _machine(host, port, limits, until)
    try:
        line = socket.create_connection((number, port), timeout=_left(until))
    except OSError as error:
        raise Refused(f"no connection ({type(error).__name__})") from error
    # A machine that sends a byte a minute is cut off too: no single wait would be too long.
    # The switch is a second handle on the same connection, since encryption takes the first one over.
    switch = line.dup()
    guard = threading.Timer(_left(until), _cut_off, [switch])
    guard.daemon = True
    guard.start()
    try:
        line = _secured(line, parts.scheme, host)
        answer = _exchange(question, parts, line, limits)
        # What was cut off may look like an answer that ended.
        _left(until)
        return answer
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Refused(f"no answer ({type(error).__name__})") from error
    finally:
        guard.cancel()
        line.close()
        switch.close()


def _parts(address: str, limits: Limits) -> SplitResult:
    try:
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = (parts.hostname or "").encode("idna").decode()
    except (ValueError, UnicodeError) as error:
        raise Refused("no address") from error
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password:
        raise Refused("not an address of the web")
    if limits.ports is not None and port not in limits.ports[parts.scheme]:
        raise Refused("an unusual port")
    netloc = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return parts._replace(netloc=netloc)


def _machine(host: str, port: int, limits: Limits, until: float) -> str:
    """The one number that is connected to: it was looked at, and nobody asks for the name again."""
    numbers = _in_time(lambda: limits.resolve(host, port), until)
    if not numbers:
        raise Refused("an unknown machine")
    for number in numbers:
        if not limits.is_allowed(ip_address(number.partition("%")[0])):
            raise Refused("a machine that is not public")
    return numbers[0]


def _resolved(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


def _in_time(ask: Callable[[], list[str]], until: float) -> list[str]:
    # The system's resolver knows no time limit of its own.
    answers: queue.Queue[list[str]] = queue.Queue()

    def run() -> None:
        try:
            answers.put(ask())
        except (OSError, UnicodeError, ValueError):
            answers.put([])

    threading.Thread(target=run, daemon=True).start()
    try:
        return answers.get(timeout=_left(until))
    except queue.Empty:
        raise Refused("too late") from None


def _secured(line: socket.socket, scheme: str, host: str) -> socket.socket:
    if scheme == "http":
        return line
    return ssl.create_default_context().wrap_socket(line, server_hostname=host)


def _exchange(
    question: _Question, parts: SplitResult, line: socket.socket, limits: Limits
) -> tuple[Fetched, str]:
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    connection.sock = line
    query = f"?{quote(parts.query, safe=_AS_WRITTEN + '?')}" if parts.query else ""
    target = quote(parts.path or "/", safe=_AS_WRITTEN) + query
    usual = parts.port == (443 if parts.scheme == "https" else 80)
    host = parts.netloc.rpartition(":")[0] if usual else parts.netloc
    headers = {"Host": host, "User-Agent": "Ahadi", "Accept-Encoding": "identity", "Connection": "close"}
    connection.request(question.method, target, question.body, {**question.headers, **headers})
    answer = connection.getresponse()
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused("an answer that has to be unpacked")
    content = _content(answer, limits.largest)
    return Fetched(answer.status, content, question.address), answer.headers.get("Location", "")


def _content(answer: http.client.HTTPResponse, largest: int) -> bytes:
    if (answer.length or 0) > largest:
        raise Refused("too large")
    pieces, size = [], 0
    while piece := answer.read1(65_536):
        size += len(piece)
        if size > largest:
            raise Refused("too large")
        pieces.append(piece)
    if answer.length:
        raise Refused("an answer that broke off")
    return b"".join(pieces)


def _cut_off(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise Refused("too late")
    return left

"""Questions to the DNS: bounded in time, kept for minutes, answered by a table where there is no network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

from dns import exception, rdatatype, resolver, reversename
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT

# One question, and all the questions of one matter.
PATIENCE, BUDGET = 2.0, 5.0
KEPT, KEPT_SILENCE = 600, 60
MOST_KEPT, MOST_RECORDS, LONGEST_NAME = 5_000, 50, 253

# What stands in a table of answers for a server that says nothing.
SILENCE = "silence"

Zone = Mapping[str, Mapping[str, Sequence[str]] | str]


class Silent(Exception):
    """Nobody answered in time: the truth is not known now."""


_zone: Zone | None = None
# In the memory of each process: a table between them would cost more than an answer is worth.
_kept: dict[tuple[str, str], tuple[float, list[str] | str]] = {}
_until: ContextVar[float] = ContextVar("until", default=0.0)


@contextmanager
def answering(zone: Zone) -> Iterator[None]:
    """Answer from a table: {"name": {"TXT": ["text"], "MX": ["10 host"]}}; other names do not exist."""
    global _zone
    before, _zone = _zone, {name.lower().rstrip("."): records for name, records in zone.items()}
    try:
        yield
    finally:
        _zone = before


@contextmanager
def within(seconds: float = BUDGET) -> Iterator[None]:
    """All questions inside together take no longer than this; later ones find silence."""
    token = _until.set(monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def ask(name: str, kind: str) -> list[str]:
    """The records of a name as text, none where there are none; raises Silent where nobody answers."""
    plain = name.lower().rstrip(".")
    if not plain or len(plain) > LONGEST_NAME:
        return []
    if _zone is not None:
        return _look_up(_zone, plain, kind)
    now = monotonic()
    until, kept = _kept.get((plain, kind), (0.0, SILENCE))
    if until <= now:
        kept = _resolve(plain, kind)
        _keep((plain, kind), now + (KEPT_SILENCE if kept == SILENCE else KEPT), kept)
    if isinstance(kept, str):
        raise Silent(name)
    return list(kept)


def txt(name: str) -> list[str]:
    """The texts of a name."""
    return ask(name, "TXT")


def mx(name: str) -> list[str]:
    """The mail servers of a domain, the preferred ones first."""
    records = [record.split() for record in ask(name, "MX")]
    return [host.rstrip(".") for _preference, host in sorted((int(first), host) for first, host in records)]


def addresses(name: str) -> list[str]:
    """Every address of a machine."""
    return ask(name, "A") + ask(name, "AAAA")


def names(ip: str) -> list[str]:
    """What the owner of an address calls it."""
    try:
        asked = str(reversename.from_address(ip))
    except (exception.DNSException, ValueError):
        return []
    return [name.rstrip(".") for name in ask(asked, "PTR")]


def _keep(key: tuple[str, str], until: float, answer: list[str] | str) -> None:
    # The oldest go first; whoever invents names pushes out only what can be asked again.
    while len(_kept) >= MOST_KEPT:
        _kept.pop(next(iter(_kept)), None)
    _kept.pop(key, None)
    _kept[key] = until, answer


def _look_up(zone: Zone, name: str, kind: str) -> list[str]:
    for _step in range(8):
        records = zone.get(name.lower().rstrip("."), {})
        if isinstance(records, str) or records.get(kind) == SILENCE:
            raise Silent(name)
        if "CNAME" not in records:
            return list(records.get(kind, ()))
        name = records["CNAME"][0]
    return []


def _resolve(name: str, kind: str) -> list[str] | str:
    patience = PATIENCE
    if until := _until.get():
        patience = min(patience, until - monotonic())
        if patience <= 0:
            # Not kept: the name is not to blame.
            raise Silent(name)
    try:
        answer = resolver.resolve(name, rdatatype.from_text(kind), lifetime=patience, search=False)
    except (resolver.NXDOMAIN, resolver.NoAnswer):
        return []
    except (exception.DNSException, OSError, UnicodeError, ValueError):
        return SILENCE
    return [_as_text(record) for record in list(answer)[:MOST_RECORDS]]


def _as_text(record: object) -> str:
    if isinstance(record, TXT):
        return b"".join(record.strings).decode("utf-8", "replace")
    if isinstance(record, MX):
        return f"{record.preference} {record.exchange}"
    return str(record)

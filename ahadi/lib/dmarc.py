"""What a domain asks receivers to do with mail in its name, and when two domains are one house (RFC 7489)."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from ahadi.lib import dns


class Policy(NamedTuple):
    """A published policy: what to do with what is not proven, and how alike the domains must be."""

    asks: str = "none"
    strict_dkim: bool = False
    strict_spf: bool = False

    @property
    def is_strict(self) -> bool:
        """The domain says that all its mail can be proven."""
        return self.asks in ("quarantine", "reject")


def policy(domain: str) -> Policy | None:
    """The policy for mail from this domain, its own or that of its house; raises Silent where DNS is."""
    house = organisation(domain)
    for name in dict.fromkeys((domain, house)):
        records = [text for text in dns.txt(f"_dmarc.{name}") if _tags(text).get("v") == "dmarc1"]
        # Two policies are none.
        if len(records) == 1:
            tags = _tags(records[0])
            asks = tags.get("p", "none")
            if name != domain:
                asks = tags.get("sp", asks)
            return Policy(asks, tags.get("adkim") == "s", tags.get("aspf") == "s")
    return None


def are_aligned(proven: str, claimed: str, *, strict: bool = False) -> bool:
    """A proof for one domain speaks for the other: they are equal or, unless strict, of one house."""
    proven, claimed = proven.lower().rstrip("."), claimed.lower().rstrip(".")
    if not proven or not claimed:
        return False
    return proven == claimed or (not strict and organisation(proven) == organisation(claimed))


def organisation(domain: str) -> str:
    """The domain under which somebody registered: one label below the public suffix."""
    labels = domain.lower().rstrip(".").split(".")
    for start in range(len(labels)):
        if _is_public(labels[start:]):
            return ".".join(labels[max(start - 1, 0) :])
    return ".".join(labels[-2:])


def _is_public(labels: list[str]) -> bool:
    rules, name = _suffixes(), ".".join(labels)
    if f"!{name}" in rules:
        return False
    return name in rules or (len(labels) > 1 and ".".join(["*", *labels[1:]]) in rules)


@cache
def _suffixes() -> frozenset[str]:
    # The list that comes with the library for passkeys, so that there is one of it.
    from fido2.rpid import suffixes

    rules = set(suffixes)
    for rule in suffixes:
        if not rule.isascii():
            try:
                rules.add(rule.encode("idna").decode())
            except UnicodeError:
                continue
    return frozenset(rules)


def _tags(record: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip().lower() for name, _sign, value in pairs if name.strip()}

"""Whether a machine may send for a domain: the Sender Policy Framework as RFC 7208 writes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import quote

from ahadi.lib import dns

# More than these many questions, or silent answers, are an attack or an error (RFC 7208, 4.6.4).
MOST_LOOKUPS, MOST_VOID, MOST_HOSTS = 10, 2, 10

RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
FROM_INCLUDED = {"temperror": "temperror", "permerror": "permerror", "none": "permerror"}

_TERM = re.compile(r"([-+~?]?)(all|include|a|mx|ptr|ip4|ip6|exists)(?=[:/]|$)(.*)", re.IGNORECASE)
_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(.*)")
# The letters c, r and t have a place in explanations only.
_EXPAND = r"%(?:\{[slodiphv]\d{0,3}r?[-.+,/_=]*\}|[%_-])"
_MACRO = re.compile(r"%(?:\{([slodiphv])(\d{0,3})(r?)([-.+,/_=]*)\}|([%_-]))", re.IGNORECASE)
_STRING = re.compile(rf"(?:[\x21-\x24\x26-\x7e]|{_EXPAND})*", re.IGNORECASE)
_TOP = r"\.(?!\d+\.?$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?"
_DOMAIN = re.compile(rf"(?:[\x21-\x24\x26-\x7e]|{_EXPAND})*(?:{_EXPAND}|{_TOP})", re.IGNORECASE)
_PREFIX = re.compile(r"(.*?)(?:/(0|[1-9]\d?))?(?://(0|[1-9]\d{0,2}))?")

Ip = IPv4Address | IPv6Address


class Wrong(Exception):
    """The record cannot be followed; the result is its text."""


@dataclass
class Asked:
    """One question to the policies of a sender: who calls, as whom, and how much has been looked up."""

    ip: Ip
    sender: str
    helo: str
    lookups: int = 0
    voids: int = field(default=0)

    def count(self) -> None:
        """One more mechanism that asks the DNS."""
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise Wrong("permerror")

    def ask(self, name: str, kind: str) -> list[str]:
        """The records of a name; too many names with none are an error."""
        if not _is_name(name):
            return []
        found = dns.ask(name, kind)
        if not found:
            self.voids += 1
            if self.voids > MOST_VOID:
                raise Wrong("permerror")
        return found

    def hosts(self, name: str) -> list[Ip]:
        """The addresses of a name, of the kind the caller has."""
        return [ip_address(text) for text in self.ask(name, "A" if self.ip.version == 4 else "AAAA")]


def check(ip: str, sender: str, helo: str) -> str:
    """The result for a mail handed over by this machine: pass, fail, softfail, neutral, none or an error."""
    caller = ip_address(ip)
    if isinstance(caller, IPv6Address) and caller.ipv4_mapped:
        caller = caller.ipv4_mapped
    local, _at, domain = (sender or f"postmaster@{helo}").rpartition("@")
    asked = Asked(caller, f"{local or 'postmaster'}@{domain}", helo)
    try:
        return _of_domain(asked, domain)
    except Wrong as wrong:
        return str(wrong)
    except dns.Silent:
        return "temperror"


def _of_domain(asked: Asked, domain: str) -> str:
    if not _is_name(domain) or "." not in domain.strip("."):
        return "none"
    records = [text for text in dns.txt(domain) if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]
    if len(records) > 1:
        raise Wrong("permerror")
    return _evaluate(asked, domain, records[0]) if records else "none"


def _evaluate(asked: Asked, domain: str, record: str) -> str:
    terms, redirect = _parse(record)
    for sign, name, argument in terms:
        if _MECHANISMS[name](asked, domain, argument):
            return RESULTS[sign or "+"]
    if not redirect:
        return "neutral"
    asked.count()
    result = _of_domain(asked, _expand(redirect, asked, domain))
    return "permerror" if result == "none" else result


def _parse(record: str) -> tuple[list[tuple[str, str, str]], str]:
    """Every term, so that a mistake anywhere counts before anything is followed."""
    terms, modifiers = [], {}
    for word in record.split(" ")[1:]:
        if not word:
            continue
        if found := _TERM.fullmatch(word):
            name = found[2].lower()
            _require(_IS_WELL_FORMED[name](found[3]))
            terms.append((found[1], name, found[3]))
        elif found := _MODIFIER.fullmatch(word):
            name, value = found[1].lower(), found[2]
            is_known = name in ("redirect", "exp")
            _require(bool((_DOMAIN if is_known else _STRING).fullmatch(value)))
            _require(not (is_known and name in modifiers))
            modifiers[name] = value
        else:
            raise Wrong("permerror")
    return terms, modifiers.get("redirect", "")


def _require(is_right: bool) -> None:
    if not is_right:
        raise Wrong("permerror")


# ── mechanisms ───────────────────────────────────────────────────────────────


def _all(asked: Asked, domain: str, argument: str) -> bool:
    return True


def _include(asked: Asked, domain: str, argument: str) -> bool:
    asked.count()
    result = _of_domain(asked, _expand(argument[1:], asked, domain))
    if result in FROM_INCLUDED:
        raise Wrong(FROM_INCLUDED[result])
    return result == "pass"


def _a(asked: Asked, domain: str, argument: str) -> bool:
    asked.count()
    target, length = _target(asked, domain, argument)
    return any(_is_within(asked.ip, host, length) for host in asked.hosts(target))


def _mx(asked: Asked, domain: str, argument: str) -> bool:
    asked.count()
    target, length = _target(asked, domain, argument)
    servers = [record.split()[-1] for record in asked.ask(target, "MX")]
    _require(len(servers) <= MOST_HOSTS)
    return any(_is_within(asked.ip, host, length) for name in servers for host in asked.hosts(name))


def _ptr(asked: Asked, domain: str, argument: str) -> bool:
    asked.count()
    target = (_expand(argument[1:], asked, domain) if argument else domain).lower().rstrip(".")
    return any(name == target or name.endswith(f".{target}") for name in _names(asked))


def _ip(asked: Asked, domain: str, argument: str) -> bool:
    network = ip_network(argument[1:], strict=False)
    return asked.ip.version == network.version and asked.ip in network


def _exists(asked: Asked, domain: str, argument: str) -> bool:
    asked.count()
    return bool(asked.ask(_expand(argument[1:], asked, domain), "A"))


_MECHANISMS: dict[str, Callable[[Asked, str, str], bool]] = {
    "all": _all,
    "include": _include,
    "a": _a,
    "mx": _mx,
    "ptr": _ptr,
    "ip4": _ip,
    "ip6": _ip,
    "exists": _exists,
}


def _target(asked: Asked, domain: str, argument: str) -> tuple[str, int]:
    """The name an `a` or `mx` means, and how many bits of its addresses count."""
    name, four, six = _split(argument)
    length = (four or "32") if asked.ip.version == 4 else (six or "128")
    return (_expand(name[1:], asked, domain) if name else domain), int(length)


def _split(argument: str) -> tuple[str, str | None, str | None]:
    found = _PREFIX.fullmatch(argument)
    return (found[1], found[2], found[3]) if found else (argument, None, None)


def _is_within(ip: Ip, host: Ip, length: int) -> bool:
    return ip.version == host.version and ip in ip_network(f"{host}/{length}", strict=False)


def _names(asked: Asked) -> Iterator[str]:
    """The names of the caller that lead back to it; what cannot be looked up is no name."""
    try:
        names = dns.names(str(asked.ip))[:MOST_HOSTS]
    except dns.Silent:
        return
    for name in names:
        try:
            found = dns.ask(name, "A" if asked.ip.version == 4 else "AAAA") if _is_name(name) else []
        except dns.Silent:
            continue
        if any(ip_address(text) == asked.ip for text in found):
            yield name.lower().rstrip(".")


# ── how terms are written ────────────────────────────────────────────────────


def _is_domain_and_length(argument: str) -> bool:
    name, four, six = _split(argument)
    is_named = name == "" or (name[0] == ":" and bool(_DOMAIN.fullmatch(name[1:])))
    return is_named and int(four or 0) <= 32 and int(six or 0) <= 128


def _is_domain(argument: str) -> bool:
    return argument[:1] == ":" and bool(_DOMAIN.fullmatch(argument[1:]))


def _is_network(version: int) -> Callable[[str], bool]:
    def is_network(argument: str) -> bool:
        if not re.fullmatch(r":[0-9A-Fa-f:.]+(/(0|[1-9]\d{0,2}))?", argument):
            return False
        try:
            return ip_network(argument[1:], strict=False).version == version
        except ValueError:
            return False

    return is_network


_IS_WELL_FORMED: dict[str, Callable[[str], bool]] = {
    "all": lambda argument: argument == "",
    "include": _is_domain,
    "a": _is_domain_and_length,
    "mx": _is_domain_and_length,
    "ptr": lambda argument: argument == "" or _is_domain(argument),
    "ip4": _is_network(4),
    "ip6": _is_network(6),
    "exists": _is_domain,
}


def _expand(text: str, asked: Asked, domain: str) -> str:
    """The name that macros stand for, cut from the left to what a name may be long."""
    name = _MACRO.sub(lambda found: _macro(found, asked, domain), text)
    while len(name) > dns.LONGEST_NAME and "." in name:
        name = name.partition(".")[2]
    return name


def _macro(found: re.Match[str], asked: Asked, domain: str) -> str:
    if found[5]:
        return {"%": "%", "_": " ", "-": "%20"}[found[5]]
    _require(found[2] != "0")
    parts = re.split(f"[{re.escape(found[4] or '.')}]", _letter(found[1].lower(), asked, domain))
    if found[3]:
        parts.reverse()
    text = ".".join(parts[-int(found[2]) :] if found[2] else parts)
    return quote(text, safe="-._~") if found[1].isupper() else text


def _letter(letter: str, asked: Asked, domain: str) -> str:
    local, _at, host = asked.sender.rpartition("@")
    if letter == "p":
        return next(
            iter(sorted(_names(asked), key=lambda name: not name.endswith(domain.lower()))), "unknown"
        )
    if letter == "i" and asked.ip.version == 6:
        return ".".join(asked.ip.exploded.replace(":", ""))
    known = {"s": asked.sender, "l": local, "o": host, "d": domain, "i": str(asked.ip), "h": asked.helo}
    return known.get(letter, "in-addr" if asked.ip.version == 4 else "ip6")


def _is_name(name: str) -> bool:
    labels = name.rstrip(".").split(".") if not name.endswith("..") else [""]
    return len(name) <= dns.LONGEST_NAME and all(0 < len(label) <= 63 for label in labels)

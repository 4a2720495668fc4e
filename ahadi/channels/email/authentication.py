"""Whether a mail is from the domain in its From line: pass, none or fail, and who found that out.

The checks of a mail server of ours are believed where an administrator named it; every other server's words
are passed over (RFC 8601, section 5). Without them the signatures are verified here.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from enum import StrEnum
from typing import Any, NamedTuple

import authres  # type: ignore[import-untyped]
import dkim  # type: ignore[import-untyped]
from dkim import canonicalization

from ahadi.channels.email import Mail
from ahadi.channels.models import RawMessage, Trust
from ahadi.lib import dmarc, dns, piece, spf
from ahadi.lib.question import Question

LONGEST_HEAD = 512 * 1024
# More signatures than these of one house are somebody keeping us busy.
MOST_SIGNATURES = 3
WEAK_ALGORITHMS = (b"rsa-sha1",)

# Trying each space of a run anew, as the library does, takes minutes for a mail made of spaces.
_TRAILING = re.compile(rb"(?<![\t ])[\t ]++\r\n")
canonicalization.strip_trailing_whitespace = lambda content: _TRAILING.sub(b"\r\n", content)

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
# The library writes what it reads; the results are enough.
_SILENT = logging.Logger("dkim", logging.CRITICAL + 1)
_TRUST = Question(lambda: Trust.objects.values_list("kind", "value", "inbox"))


class Verdict(StrEnum):
    """What is known about the sender."""

    PASS = "pass"  # noqa: S105 - the word of RFC 8601
    NONE = "none"
    FAIL = "fail"


@dataclass(frozen=True)
class Checked:
    """The verdict, who reached it, the domain that vouches, and each result it stands on."""

    verdict: Verdict = Verdict.NONE
    by: str = ""
    domain: str = ""
    dkim: str = ""
    spf: str = ""
    dmarc: str = ""
    arc: str = ""

    @property
    def data(self) -> dict[str, Any]:
        """The same as data, kept with the message."""
        return {name: str(value) for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class Believed:
    """What administrators believe about mail to one inbox."""

    servers: frozenset[str] = frozenset()
    sealers: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    is_direct: bool = False


class Result(NamedTuple):
    """One line of somebody's checks."""

    method: str
    result: str
    properties: dict[str, str]


@dataclass
class _Letter:
    """What the checks look at."""

    content: bytes
    head: Message
    domain: str
    raw: RawMessage
    believed: Believed
    policy: dmarc.Policy | None = field(default=None)


def believed(raw: RawMessage) -> Believed:
    """What holds for mail to the inbox of this message."""
    held = [
        (kind, value.lower())
        for kind, value, inbox in piece.once(_TRUST, _TRUST.rows)
        if inbox in (None, raw.inbox_id)
    ]

    def of(wanted: str) -> frozenset[str]:
        return frozenset(value for kind, value in held if kind == wanted)

    kinds = Trust.Kind
    return Believed(of(kinds.SERVER), of(kinds.SEALER), of(kinds.FORM), bool(of(kinds.DIRECT)))


def check(mail: Mail, raw: RawMessage, content: bytes, trust: Believed, *, thoroughly: bool) -> Checked:
    """What is known about the sender; without `thoroughly` only what needs no question to the network."""
    domain = _ascii(mail.sender.email.rpartition("@")[2].lower())
    letter = _Letter(content, _head(content), domain, raw, trust)
    senders = len(letter.head.get_all("From", []))
    if not domain or not senders:
        return Checked()
    if senders > 1:
        # Programs show one and servers check the other.
        return Checked(Verdict.FAIL, by="own", dmarc="fail")
    reported = _reported(letter)
    checked = _judge(reported, domain, "server") if reported else Checked()
    if not thoroughly:
        return checked
    with dns.within():
        checked = checked if reported else _look(letter)
        if checked.verdict != Verdict.PASS and trust.sealers:
            checked = _unsealed(letter, checked)
    return checked


def _ascii(domain: str) -> str:
    # Signatures and the DNS name a domain in this form.
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain


# ── what others found out ────────────────────────────────────────────────────


def _head(content: bytes) -> Message:
    head = _END_OF_HEAD.split(content[:LONGEST_HEAD].lstrip(b"\r\n"), maxsplit=1)[0]
    return BytesHeaderParser(policy=compat32).parsebytes(head + b"\r\n\r\n")


def _reported(letter: _Letter) -> list[Result]:
    """The results of our own server: its newest header, and others it wrote in the same breath."""
    found: list[Result] = []
    for name, value in letter.head.raw_items():
        # What stands below the line of the server before ours was there before our server saw it.
        if found and name.lower() == "received":
            break
        if letter.believed.servers and name.lower() == "authentication-results":
            found += _read(str(value), letter.believed.servers)
    return found


def _read(value: str, servers: frozenset[str] | None = None) -> list[Result]:
    flat = " ".join(value[:10_000].split())
    name = flat.partition(";")[0].partition(" ")[0].lower()
    if servers is not None and name not in servers:
        return []
    try:
        header = authres.AuthenticationResultsHeader.parse(f"Authentication-Results: {flat}")
    except Exception:  # Whatever a stranger wrote there, it says nothing.
        return []
    return [
        Result(
            str(entry.method).lower(),
            str(entry.result).lower(),
            {f"{p.type}.{p.name}".lower(): str(p.value).strip('"').lower() for p in entry.properties},
        )
        for entry in header.results
        if getattr(entry, "method", None)
    ]


def _judge(results: Sequence[Result], domain: str, by: str) -> Checked:
    """The verdict that somebody else's checks come to for this domain."""
    first = {result.method: result.result for result in reversed(results)}
    known = Checked(by=by, dkim=first.get("dkim", ""), spf=first.get("spf", ""), dmarc=first.get("dmarc", ""))
    if known.dmarc == "fail":
        return replace(known, verdict=Verdict.FAIL)
    vouching = (name for name in _vouching(results, domain) if dmarc.are_aligned(name, domain))
    if name := next(vouching, ""):
        return replace(known, verdict=Verdict.PASS, domain=name)
    return known


def _vouching(results: Sequence[Result], domain: str) -> Iterator[str]:
    """The domains that passed: of the From line, of the signatures, of the envelope."""
    for method, result, given in results:
        if result != "pass":
            continue
        if method == "dmarc":
            yield given.get("header.from", domain).rpartition("@")[2]
        elif method == "dkim":
            yield (given.get("header.d") or given.get("header.i", "")).rpartition("@")[2]
        elif method == "spf":
            yield given.get("smtp.mailfrom", "").rpartition("@")[2]


# ── what is found out here ───────────────────────────────────────────────────


def _look(letter: _Letter) -> Checked:
    """DKIM, and SPF where the machine of the sender called itself; DMARC says what they mean."""
    try:
        letter.policy = dmarc.policy(letter.domain)
        asked = "none"
    except dns.Silent:
        asked = "temperror"
    signed, signer = _signed(letter)
    called = _called(letter)
    known = Checked(by="own", dkim=signed, spf=called)
    if signed == "pass":
        return replace(known, verdict=Verdict.PASS, domain=signer, dmarc="pass" if letter.policy else asked)
    if called == "pass":
        sender = letter.raw.sender.rpartition("@")[2].strip("<>").lower()
        return replace(known, verdict=Verdict.PASS, domain=sender, dmarc="pass" if letter.policy else asked)
    if letter.policy is None or "temperror" in (signed, called):
        return replace(known, dmarc=asked)
    # A house that asks for strictness signs what it sends; of the others SPF must have been looked at too.
    if called or letter.policy.is_strict:
        return replace(known, verdict=Verdict.FAIL, dmarc="fail")
    return replace(known, dmarc="none")


def _signed(letter: _Letter) -> tuple[str, str]:
    """The result of the signatures that speak for the sender's domain, and the domain of the good one."""
    strict = letter.policy is not None and letter.policy.strict_dkim
    result, tried = "none", 0
    for place, value in enumerate(letter.head.get_all("DKIM-Signature", [])[:20]):
        signer = _domain_of(str(value))
        if tried >= MOST_SIGNATURES or not dmarc.are_aligned(signer, letter.domain, strict=strict):
            continue
        tried += 1
        found = _verify(letter.content, place)
        if found == "pass":
            return "pass", signer
        result = found if result != "temperror" else result
    return result, ""


def _domain_of(signature: str) -> str:
    found = re.search(r"(?:^|;)\s*d\s*=\s*([^;\s]+)", signature)
    return found[1].lower() if found else ""


def _verify(content: bytes, place: int) -> str:
    names = _Names()
    try:
        signature = dkim.DKIM(content, logger=_SILENT)
        prepared = signature.verify_headerprep(place)
        if not prepared or not _covers_everything(*prepared[:2]):
            return "fail"
        is_good = signature.verify(place, dnsfunc=names)
    except Exception:  # Signatures are written by strangers, and the library trusts their form.
        is_good = False
    return "pass" if is_good else "temperror" if names.were_silent else "fail"


def _covers_everything(fields: dict[bytes, bytes], headers: Sequence[bytes]) -> bool:
    # A signature over a part of the body, or not over the From line, lets others write the rest.
    return b"l" not in fields and b"from" in headers and fields.get(b"a") not in WEAK_ALGORITHMS


def _called(letter: _Letter) -> str:
    """What SPF says of the machine that called; empty where that is not known or not about this domain."""
    raw = letter.raw
    sender = raw.sender.strip("<>").lower()
    if not (letter.believed.is_direct and raw.client_ip and "@" in sender):
        return ""
    result = spf.check(raw.client_ip, sender, sender.rpartition("@")[2])
    strict = letter.policy is not None and letter.policy.strict_spf
    if result == "pass" and not dmarc.are_aligned(sender.rpartition("@")[2], letter.domain, strict=strict):
        return "unaligned"
    return result


def _unsealed(letter: _Letter, checked: Checked) -> Checked:
    """What a forwarder that is believed saw before it changed the mail (RFC 8617)."""
    if not letter.head.get("ARC-Seal"):
        return checked
    try:
        chain, sets, _reason = dkim.ARC(letter.content, logger=_SILENT).verify(dnsfunc=_Names())
    except Exception:  # As with signatures.
        return replace(checked, arc="fail")
    if chain != dkim.CV_Pass or not sets:
        return replace(checked, arc="fail")
    sealer = sets[0]["as-domain"].decode("ascii", "replace").lower()
    if sealer not in letter.believed.sealers:
        return replace(checked, arc="pass")
    seen = sets[0]["aar-value"].decode("utf-8", "replace").partition(";")[2]
    judged = _judge(_read(seen), letter.domain, "seal")
    if judged.verdict != Verdict.PASS:
        return replace(checked, arc="pass")
    return replace(judged, arc="pass", domain=sealer)


class _Names:
    """Where the library finds keys; remembers when nobody answered."""

    def __init__(self) -> None:
        self.were_silent = False

    def __call__(self, name: bytes | str, timeout: int = 0) -> bytes | None:
        asked = name.decode("ascii", "replace") if isinstance(name, bytes) else name
        try:
            records = dns.txt(asked)
        except dns.Silent:
            self.were_silent = True
            return None
        return records[0].encode() if records else None

"""The examination of an inbox: does mail from it arrive, and does mail to it come in (rule E-76)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from ahadi import outbox
from ahadi.channels.base import ChannelError, Doubtful
from ahadi.channels.email import letters, outbound, signing, smtp
from ahadi.channels.email.letters import Letter
from ahadi.channels.models import Checkup, Inbox, MailServer, RawMessage
from ahadi.lib import clock, dmarc, dns, spf
from ahadi.lib.hosts import is_here

JOB = "channels.check_up"
# All questions to the DNS together.
PATIENCE = 20.0
# A mail to oneself that has not come back by then is lost.
WAIT = timedelta(minutes=10)
LATEST_CLOCK = timedelta(minutes=5)
OK, WARN, BAD, WAITS = "ok", "warn", "bad", "waits"


class Subject(NamedTuple):
    """What is examined: an inbox, the server it sends through, and where that stands."""

    inbox: Inbox
    domain: str
    through: MailServer | None
    host: str
    addresses: tuple[str, ...]


def ask(inbox: Inbox) -> Checkup:
    """Let an inbox be examined in the background."""
    checkup = Checkup.objects.create(inbox=inbox)
    outbox.put(JOB, {"checkup_id": checkup.pk})
    return checkup


def check_up(checkup_id: int) -> None:
    """Examine an inbox and write down what was found; done twice it is done once."""
    checkup = Checkup.objects.select_related("inbox").get(pk=checkup_id)
    if checkup.done is not None:
        return
    with dns.within(PATIENCE):
        subject = _subject(checkup.inbox)
        checkup.findings = [_examined(about, examine, subject) for about, examine in EXAMINATIONS.items()]
    checkup.findings.append(_send_loop(checkup, subject))
    checkup.done = clock.now()
    checkup.save()


def loop(checkup: Checkup) -> list[dict[str, Any]]:
    """What became of the mail that the inbox sent to itself, and what it tells about the clock."""
    if checkup.sent is None:
        return []
    back = RawMessage.objects.filter(message_id=checkup.message_id).order_by("pk").first()
    if back is None:
        is_lost = clock.now() - checkup.sent > WAIT
        return [_finding("loop", BAD if is_lost else WAITS, "loop_lost" if is_lost else "loop_waits")]
    seconds = max(0, round((back.received - checkup.sent).total_seconds()))
    return [_finding("loop", OK, "loop_ok", seconds=seconds), _clock(back)]


def _subject(inbox: Inbox) -> Subject:
    through = inbox.outgoing
    host = through.host if through else str(urlsplit(settings.AHADI_SMTP_OUT).hostname or "")
    # A server on this machine sends from where the site is.
    seen_as = str(urlsplit(settings.AHADI_URL).hostname) if is_here(host) else host
    try:
        addresses = tuple(dns.addresses(seen_as)) if host else ()
    except dns.Silent:
        addresses = ()
    return Subject(inbox, outbound.domain_of(inbox.address).lower(), through, seen_as, addresses)


def _examined(
    about: str, examine: Callable[[Subject], tuple[str, str, dict[str, Any]]], subject: Subject
) -> dict[str, Any]:
    try:
        state, code, data = examine(subject)
    except dns.Silent:
        return _finding(about, WARN, "dns_silent")
    return _finding(about, state, code, **data)


def _finding(about: str, state: str, code: str, **data: Any) -> dict[str, Any]:
    return {"about": about, "state": state, "code": code, "data": data}


def _mx(subject: Subject) -> tuple[str, str, dict[str, Any]]:
    hosts = dns.mx(subject.domain)
    named = [host for host in hosts if host]
    if not named:
        return BAD, "mx_none", {"domain": subject.domain}
    return OK, "mx_ok", {"hosts": ", ".join(named[:3])}


def _tls(subject: Subject) -> tuple[str, str, dict[str, Any]]:
    if not smtp.can_leave(subject.through):
        return BAD, "no_server", {}
    try:
        version = smtp.probe(subject.through)
    except ChannelError as error:
        return BAD, "server", {"error": str(error)}
    return OK, "tls_ok" if version else "tls_here", {"version": version, "host": subject.host}


def _spf(subject: Subject) -> tuple[str, str, dict[str, Any]]:
    texts = [text for text in dns.txt(subject.domain) if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]
    record = f"v=spf1 a:{subject.host or 'mail.' + subject.domain} -all"
    if len(texts) != 1:
        code = "spf_many" if texts else "spf_none"
        return BAD, code, {"domain": subject.domain, "record": record}
    if not subject.addresses:
        return WARN, "spf_unknown", {"record": texts[0]}
    results = {spf.check(address, subject.inbox.address, subject.host) for address in subject.addresses}
    if results == {"pass"}:
        return OK, "spf_ok", {"record": texts[0]}
    if "permerror" in results:
        return BAD, "spf_wrong", {"record": texts[0]}
    return WARN, "spf_other", {"host": subject.host, "record": texts[0]}


def _dkim(subject: Subject) -> tuple[str, str, dict[str, Any]]:
    key = signing.key_of(subject.domain)
    data = {"place": key.place, "record": key.record}
    return (OK, "dkim_ok", data) if signing.is_published(key) else (WARN, "dkim_none", data)


def _dmarc(subject: Subject) -> tuple[str, str, dict[str, Any]]:
    found = dmarc.policy(subject.domain)
    if found is None:
        place, address = f"_dmarc.{subject.domain}", subject.inbox.address
        return WARN, "dmarc_none", {"place": place, "record": f"v=DMARC1; p=none; rua=mailto:{address}"}
    asked = found.asks
    return OK, "dmarc_watch" if asked == "none" else "dmarc_ok", {"policy": asked}


def _reverse(subject: Subject) -> tuple[str, str, dict[str, Any]]:
    if not subject.addresses:
        return WARN, "reverse_unknown", {"host": subject.host}
    for address in subject.addresses:
        names = dns.names(address)
        if not any(address in dns.addresses(name) for name in names):
            return WARN, "reverse_none", {"address": address}
    return OK, "reverse_ok", {"host": subject.host}


EXAMINATIONS: dict[str, Callable[[Subject], tuple[str, str, dict[str, Any]]]] = {
    "mx": _mx,
    "tls": _tls,
    "spf": _spf,
    "dkim": _dkim,
    "dmarc": _dmarc,
    "reverse": _reverse,
}


def _send_loop(checkup: Checkup, subject: Subject) -> dict[str, Any]:
    if not smtp.can_leave(subject.through):
        return _finding("loop", BAD, "no_server")
    inbox = subject.inbox
    letter = Letter("letter", inbox.name, _("A mail of this inbox to itself"))
    letter.opening = [_("It was sent by itself to see whether mail comes back. Nothing is to be done.")]
    mail = outbound.machine_mail(
        letter.title, inbox.address, letters.write(letter), inbox, kind="auto-generated"
    )
    raw = signing.signed(outbound.as_bytes(mail), subject.domain)
    checkup.message_id = str(mail["Message-ID"])
    try:
        smtp.hand_over(raw, inbox.address, [inbox.address], through=subject.through)
    except (ChannelError, Doubtful) as error:
        return _finding("loop", BAD, "loop_refused", error=str(error))
    checkup.sent = clock.now()
    return _finding("loop", WAITS, "loop_sent")


def _clock(back: RawMessage) -> dict[str, Any]:
    """Other machines write down when a mail passed through; theirs is compared with ours."""
    told = list(_moments(back.read()))
    if not told:
        return _finding("clock", WARN, "clock_unknown")
    off = min((abs(back.received - moment) for moment in told), default=timedelta())
    minutes = round(off.total_seconds() / 60)
    return (
        _finding("clock", BAD, "clock_off", minutes=minutes)
        if off > LATEST_CLOCK
        else _finding("clock", OK, "clock_ok")
    )


def _moments(raw: bytes) -> Iterator[datetime]:
    for line in message_from_bytes(raw).get_all("Received", []):
        try:
            moment = parsedate_to_datetime(str(line).rpartition(";")[2].strip())
        except (ValueError, TypeError):
            continue
        if moment.tzinfo is not None:
            yield moment

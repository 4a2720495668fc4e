"""Handing mails to a server: encrypted on any network, over kept connections, never unsure in silence."""

from __future__ import annotations

import smtplib
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from time import monotonic
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings

from ahadi.channels.base import ChannelError, Doubtful
from ahadi.channels.email import failures, servers
from ahadi.channels.email.trouble import Trouble, named
from ahadi.channels.models import MailServer
from ahadi.lib.hosts import is_here

# Well below the lease of a job, so that nobody else starts while this one waits.
TIMEOUT = 30
# Servers end connections on which nothing happens, most of them after minutes, and some after many mails.
LONGEST_REST, MOST_MAILS = 30.0, 100


@dataclass
class Line:
    """An open connection to a server, signed in."""

    server: smtplib.SMTP
    mails: int = 0
    rested: float = field(default_factory=monotonic)

    @property
    def is_fresh(self) -> bool:
        """Worth another mail."""
        return self.mails < MOST_MAILS and monotonic() - self.rested < LONGEST_REST


_kept = threading.local()


def hand_over(
    raw: bytes,
    sender: str,
    recipients: Sequence[str],
    before: Callable[[], None] | None = None,
    through: MailServer | None = None,
) -> None:
    """Send one mail; `before` is called when everything but the text itself is agreed.

    It goes through this server, else through the one in AHADI_SMTP_OUT. Raises ChannelError while nothing
    can have been taken, Doubtful when it may have been.
    """
    line = _agree(through, sender, recipients)
    try:
        if before is not None:
            before()
        _text(line.server, raw)
    except BaseException:
        _leave(line.server)
        raise
    line.mails, line.rested = line.mails + 1, monotonic()
    _lines()[_key(through)] = line


def can_leave(through: MailServer | None) -> bool:
    """There is a server for mails at all."""
    return through is not None or bool(settings.AHADI_SMTP_OUT)


def probe(through: MailServer | None) -> str:
    """Reach a server and sign in; the version of TLS that is spoken, empty without. Raises ChannelError."""
    server = _open(through)
    spoken = server.sock.version() if isinstance(server.sock, ssl.SSLSocket) else ""
    _leave(server)
    return spoken or ""


def hang_up() -> None:
    """End the connections that this thread keeps."""
    for line in _lines().values():
        _leave(line.server)
    _lines().clear()


def _agree(through: MailServer | None, sender: str, recipients: Sequence[str]) -> Line:
    """A connection on which sender and recipients are agreed; a kept one may have ended meanwhile."""
    kept = _lines().pop(_key(through), None)
    if kept is not None and kept.is_fresh:
        with suppress(OSError, smtplib.SMTPServerDisconnected):
            _envelope(kept.server, sender, recipients)
            return kept
    if kept is not None:
        kept.server.close()
    line = Line(_open(through))
    try:
        _envelope(line.server, sender, recipients)
    except (OSError, smtplib.SMTPException) as error:
        _leave(line.server)
        raise ChannelError(f"broken: {_words(error)}", permanent=False) from error
    return line


def _open(through: MailServer | None) -> smtplib.SMTP:
    try:
        if through is None:
            return _connect(urlsplit(settings.AHADI_SMTP_OUT))
        server = servers.open_smtp(through, TIMEOUT)
    except Trouble as trouble:
        if through is not None:
            through.fail(trouble.code, trouble.said)
        raise ChannelError(failures.name(trouble, _place(through))[:500], permanent=False) from trouble
    through.succeed()
    return server


def _place(through: MailServer | None) -> str:
    """Server and port, for who looks after them."""
    if through is not None:
        return f"{through.host}:{through.port}"
    given = urlsplit(settings.AHADI_SMTP_OUT)
    return f"{given.hostname}:{given.port or (465 if given.scheme == 'smtps' else 25)}"


def _connect(place: SplitResult) -> smtplib.SMTP:
    host, password = place.hostname or "", unquote(place.password or "")
    with named():
        if place.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, place.port or 465, timeout=TIMEOUT, context=_trust()
            )
        else:
            server = smtplib.SMTP(host, place.port or 25, timeout=TIMEOUT)
            server.ehlo()
            if not is_here(host):
                # Raises where the server offers none: no password or talk crosses a network in clear text.
                server.starttls(context=_trust())
                server.ehlo()
    if place.username:
        with named("password", hide=password):
            server.login(unquote(place.username), password)
    return server


@cache
def _trust() -> ssl.SSLContext:
    # Reading the authorities of the machine takes longer than a mail.
    return ssl.create_default_context()


def _envelope(server: smtplib.SMTP, sender: str, recipients: Sequence[str]) -> None:
    try:
        server.ehlo_or_helo_if_needed()
        _agreed(*server.mail(sender))
        for recipient in recipients:
            _agreed(*server.rcpt(recipient))
    except ChannelError:
        # What was said before the refusal would still stand for the next mail.
        _leave(server)
        raise


def _text(server: smtplib.SMTP, raw: bytes) -> None:
    try:
        answer = server.data(raw)
    except smtplib.SMTPDataError as error:
        # The server refused to hear the text at all.
        raise ChannelError(_words(error), permanent=error.smtp_code >= 500) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Doubtful(_words(error)) from error
    _require(*answer)


def _agreed(code: int, said: bytes) -> None:
    # 421 ends the connection, whatever it was about.
    if code == 421:
        raise smtplib.SMTPServerDisconnected(said.decode("utf-8", "replace"))
    _require(code, said)


def _require(code: int, said: bytes) -> None:
    if code >= 400:
        raise ChannelError(f"{code} {said.decode('utf-8', 'replace')}"[:500], permanent=code >= 500)


def _lines() -> dict[tuple[str, ...], Line]:
    if not hasattr(_kept, "lines"):
        _kept.lines = {}
    lines: dict[tuple[str, ...], Line] = _kept.lines
    return lines


def _key(through: MailServer | None) -> tuple[str, ...]:
    # A changed password or port is another server.
    if through is None:
        return ("all", str(settings.AHADI_SMTP_OUT))
    return ("inbox", str(through.pk), through.changed.isoformat())


def _leave(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        return f"{error.smtp_code} {said.decode('utf-8', 'replace')}"[:500]
    return f"{type(error).__name__}: {error}"[:500]

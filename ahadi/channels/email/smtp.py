"""Handing a mail to the server in AHADI_SMTP_OUT: encrypted on any network, and never unsure in silence."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings

from ahadi.channels.base import ChannelError, Doubtful

# Well below the lease of a job, so that nobody else starts while this one waits.
TIMEOUT = 30


def hand_over(
    raw: bytes, sender: str, recipients: Sequence[str], before: Callable[[], None] | None = None
) -> None:
    """Send one mail; `before` is called when everything but the text itself is agreed.

    Raises ChannelError while nothing can have been taken, Doubtful when it may have been.
    """
    try:
        server = _connect(urlsplit(settings.AHADI_SMTP_OUT))
    except (OSError, smtplib.SMTPException) as error:
        raise ChannelError(_words(error), permanent=False) from error
    try:
        _envelope(server, sender, recipients)
        if before is not None:
            before()
        _text(server, raw)
    finally:
        _leave(server)


def _connect(place: SplitResult) -> smtplib.SMTP:
    host = place.hostname or ""
    context = ssl.create_default_context()
    if place.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, place.port or 465, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(host, place.port or 25, timeout=TIMEOUT)
        server.ehlo()
        if not is_here(host):
            # Raises where the server offers none: passwords and talks never cross a network in clear text.
            server.starttls(context=context)
            server.ehlo()
    if place.username:
        server.login(unquote(place.username), unquote(place.password or ""))
    return server


def is_here(host: str) -> bool:
    """The name or number of this machine itself."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _envelope(server: smtplib.SMTP, sender: str, recipients: Sequence[str]) -> None:
    try:
        server.ehlo_or_helo_if_needed()
        _require(*server.mail(sender))
        for recipient in recipients:
            _require(*server.rcpt(recipient))
    except (OSError, smtplib.SMTPException) as error:
        raise ChannelError(_words(error), permanent=False) from error


def _text(server: smtplib.SMTP, raw: bytes) -> None:
    try:
        answer = server.data(raw)
    except smtplib.SMTPDataError as error:
        # The server refused to hear the text at all.
        raise ChannelError(_words(error), permanent=error.smtp_code >= 500) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Doubtful(_words(error)) from error
    _require(*answer)


def _require(code: int, said: bytes) -> None:
    if code >= 400:
        raise ChannelError(f"{code} {said.decode('utf-8', 'replace')}"[:500], permanent=code >= 500)


def _leave(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]

"""The SMTP door: a mail is answered with 250 when it is stored, and not before."""

from __future__ import annotations

import asyncio
import errno
import logging
import re
import time
from collections import deque
from functools import partial
from ipaddress import ip_address
from typing import AnyStr, NamedTuple
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import InterfaceError, OperationalError

from ahadi.channels import intake
from ahadi.channels.base import NOBODY
from ahadi.channels.email.quarantine import LARGEST
from ahadi.channels.models import RawMessage
from ahadi.lib.piece import Lately
from ahadi.lib.threads import Pool, settle

log = logging.getLogger("ahadi.channels.email")

# Enough for the disk to work while one waits for it.
THREADS = 4
# What comes while others are written down is written together after them, in one transaction.
TOGETHER = 16
# Seconds after writing in which the next ones gather: a mail alone is written at once, and in a flood those
# of a moment share what it costs to write any.
GATHER = 0.004

# An address as nearly all are, and what stands behind it where no comment does.
_ATOMS = r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*"
_PLAIN = re.compile(rf"<({_ATOMS}@{_ATOMS})>\s*([^\s(][^(]*|)", re.ASCII)

TOO_LARGE = f"552 5.3.4 The message is larger than {settings.AHADI_MAIL_LARGEST} MB"
NO_ROOM = "452 4.3.1 No room on the disk; please try again later"
NOT_NOW = "451 4.3.0 Not stored; please try again later"


def start(host: str, port: int) -> Controller:
    """Open the door; it serves in a thread of its own until `stop` is called on what is returned."""
    # Named, or every connection asks the DNS for the name of this machine.
    name = urlsplit(settings.AHADI_URL).hostname
    controller = _Door(Taker(), hostname=host, port=port, data_size_limit=LARGEST, server_hostname=name)
    controller.start()
    return controller


class Taker:
    """Stores what comes, in threads, so that the door can listen meanwhile."""

    def __init__(self) -> None:
        self.keeper = Keeper()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take every recipient that has the form of an address: a wrong one is somebody who needs help."""
        if "@" not in address.strip("<>") or len(address) > 320:
            return "550 5.1.3 This is not a mail address"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Store the message with the work it asks for, then say yes."""
        raw = envelope.original_content or b""
        if len(raw) > LARGEST:
            return TOO_LARGE
        given = Given(raw, envelope.mail_from or NOBODY, list(envelope.rcpt_tos), _caller(session))
        try:
            await self.keeper.keep(given)
        except OSError as error:
            log.error("A mail was not stored: %s", error.strerror or type(error).__name__)
            return NO_ROOM if error.errno in (errno.ENOSPC, errno.EDQUOT) else NOT_NOW
        except Exception as error:
            log.error("A mail was not stored: %s: %s", type(error).__name__, error)
            return NO_ROOM if "disk is full" in str(error) else NOT_NOW
        return "250 2.0.0 Stored"


class _Server(SMTP):
    """One connection; real mail has lines longer than the standard allows."""

    line_length_limit = 4 * 1024 * 1024

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        # The library makes a class and a tree of tokens for each address, which takes longer than all else it
        # does for a mail.
        found = _PLAIN.fullmatch(arg)
        return (found[1], found[2]) if found else super()._getaddr(arg)

    async def push(self, status: AnyStr) -> None:
        """Say why in the enhanced form (RFC 3463) where the library does not."""
        if isinstance(status, str) and status.startswith("552 "):
            await super().push(TOO_LARGE)
        else:
            await super().push(status)


class _Door(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, ident="Ahadi", **self.SMTP_kwargs)


class Given(NamedTuple):
    """A mail as it came to the door."""

    raw: bytes
    sender: str
    recipients: list[str]
    client_ip: str


class _Waiting(NamedTuple):
    message: RawMessage
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[None]


class Keeper:
    """Keeps mails: the bytes of each as soon as they are here, the rows of all that wait together."""

    def __init__(self) -> None:
        self._files = Pool(THREADS, name="door-files")
        self._rows = Pool(1, name="door-rows")
        self._waiting: deque[_Waiting] = deque()
        self._lately = Lately()

    def keep(self, given: Given) -> asyncio.Future[None]:
        """Done when the mail is stored with the work it asks for; fails with the error where it is not."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[None] = loop.create_future()
        self._files.start(partial(self._keep_bytes, given, loop, answer))
        return answer

    def _keep_bytes(
        self, given: Given, loop: asyncio.AbstractEventLoop, answer: asyncio.Future[None]
    ) -> None:
        try:
            message = intake.store_bytes(given.raw, given.sender, given.recipients, client_ip=given.client_ip)
        except Exception as error:
            settle(loop, [(answer, None, error)])
            return
        self._waiting.append(_Waiting(message, loop, answer))
        self._rows.start(self._keep_rows)

    def _keep_rows(self) -> None:
        some: list[_Waiting] = []
        while self._waiting and len(some) < TOGETHER:
            some.append(self._waiting.popleft())
        if some:
            errors = self._take([each.message for each in some])
            answers = [(each.answer, None, error) for each, error in zip(some, errors, strict=True)]
            settle(some[0].loop, answers)
            time.sleep(GATHER)

    def _take(self, messages: list[RawMessage]) -> list[Exception | None]:
        """What went wrong with each; one that cannot be stored keeps no other out."""
        try:
            with self._lately.holds():
                intake.take(messages)
        except (OperationalError, InterfaceError, OSError) as error:
            # It is none of them: with a database that does not answer, each alone would wait as long again.
            return [error] * len(messages)
        except Exception as error:
            if len(messages) == 1:
                return [error]
            return [found for message in messages for found in self._take([message])]
        return [None] * len(messages)


def _caller(session: Session) -> str:
    """The address of the machine that called, where it is one of the internet."""
    peer = session.peer[0] if isinstance(session.peer, tuple) else ""
    try:
        return str(peer) if ip_address(peer).is_global else ""
    except ValueError:
        return ""

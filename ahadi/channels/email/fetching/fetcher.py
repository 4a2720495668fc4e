"""One thread for each inbox: connect, take what is new, wait for more, and begin again whatever happens."""

from __future__ import annotations

import logging
import socket
import threading
import time
from contextlib import suppress
from functools import partial
from imaplib import IMAP4

from django.db import Error as DatabaseError
from django.db import close_old_connections, connections
from imap_tools import BaseMailBox

from ahadi.channels.email import servers
from ahadi.channels.email.fetching import folders
from ahadi.channels.email.trouble import Trouble, named
from ahadi.channels.models import MailServer
from ahadi.lib.sqlite.base import be_thrifty

log = logging.getLogger("ahadi.channels.email")

# IDLE is begun again each time, far below the 29 minutes after which servers hang up (RFC 2177); and a look
# every minute finds what a server forgot to announce.
LOOK = 60.0
# How long a change in the browser may go unnoticed.
TICK = 1.0
# Seconds until the next try. A wrong password is tried rarely, or the provider locks the account.
PATIENCE = (1.0, 5.0, 15.0, 30.0, 60.0)
CAUTION = (60.0, 300.0, 900.0)
CAREFUL = {"password", "app_password", "basic_auth", "token_expired", "token_refused", "oauth_client"}
# A success is written down so often at most, unless something is different.
NOTE = 20.0


class Fetcher(threading.Thread):
    """Fetches from one server until it is told to end."""

    def __init__(self, server_id: int) -> None:
        super().__init__(name=f"fetch-{server_id}", daemon=True)
        self.server_id = server_id
        self.over = threading.Event()
        self._box: BaseMailBox | None = None
        self._failures = 0
        self._noted = 0.0
        self._warned = ""
        # By folder: mails at which the server broke off.
        self._suspects: dict[str, set[int]] = {}

    def end(self) -> None:
        """Stop within a moment, also in the middle of waiting for the server."""
        self.over.set()
        box = self._box
        if box is not None:
            with suppress(OSError, AttributeError):
                box.client.sock.shutdown(socket.SHUT_RDWR)

    def run(self) -> None:
        """Fetch for ever: every trouble is written down, waited out and tried again."""
        be_thrifty()
        while not self.over.is_set():
            trouble = self._attempt()
            connections.close_all()
            if trouble is None:
                return
            if not self.over.is_set():
                self.over.wait(self._pause(trouble))

    def _attempt(self) -> Trouble | None:
        """Work until something goes wrong; None when there is nothing more to do."""
        server = MailServer.objects.select_related("inbox").filter(pk=self.server_id).first()
        try:
            if server is not None:
                self._work(server)
            return None
        except Trouble as trouble:
            found = trouble
        except DatabaseError as error:
            found = Trouble("disk", type(error).__name__)
        except Exception as error:
            # The name only: what a library says may hold a piece of a mail.
            log.error("Fetching from server %s failed: %s", self.server_id, type(error).__name__)
            found = Trouble("unknown", type(error).__name__)
        self._failures += 1
        if server is not None and not self.over.is_set():
            self._write_down(server, found)
        return found

    def _work(self, server: MailServer) -> None:
        self._box = box = servers.open_imap(server)
        try:
            can = capabilities(box)
            while not self.over.is_set():
                close_old_connections()
                self._look(server, box, can)
                self._wait(box, "IDLE" in can)
        finally:
            self._box = None
            servers.close(box)

    def _look(self, server: MailServer, box: BaseMailBox, can: set[str]) -> None:
        refused = 0
        # The first folder comes last: it stays open while waiting.
        for name in [*server.folders[1:], server.folders[0]]:
            suspects = self._suspects.setdefault(name, set())
            refused += folders.fetch(server, box, name, partial(self._go_on, server), suspects)
        if not self.over.is_set():
            self._succeed(server, "handed_over" if refused else "full" if is_full(box, can) else "")

    def _go_on(self, server: MailServer) -> bool:
        """Asked before each batch of mails: a long first fetch is no silence."""
        if not self.over.is_set() and self._noted:
            self._succeed(server, self._warned)
        return not self.over.is_set()

    def _succeed(self, server: MailServer, warning: str) -> None:
        now = time.monotonic()
        if warning != self._warned or self._failures or now - self._noted > NOTE or not self._noted:
            server.succeed(warning)
            self._noted, self._failures, self._warned = now, 0, warning

    def _wait(self, box: BaseMailBox, can_idle: bool) -> None:
        """Until the server announces something, or a minute is over."""
        if not can_idle:
            self.over.wait(LOOK)
            return
        until = time.monotonic() + LOOK
        with named():
            box.idle.start()  # type: ignore[no-untyped-call]
            while not self.over.is_set() and time.monotonic() < until:
                asked = time.monotonic()
                # Nothing, and at once: the other side has hung up, and the end of IDLE will say so.
                if box.idle.poll(TICK) or time.monotonic() - asked < TICK / 2:
                    break
            if not self.over.is_set():
                box.idle.stop()  # type: ignore[no-untyped-call]

    def _pause(self, trouble: Trouble) -> float:
        steps = CAUTION if trouble.code in CAREFUL else PATIENCE
        return steps[min(self._failures, len(steps)) - 1]

    def _write_down(self, server: MailServer, trouble: Trouble) -> None:
        log.warning("Inbox %s cannot be fetched: %s", server.inbox_id, trouble.code)
        with suppress(DatabaseError):
            server.fail(trouble.code, trouble.said)


def is_full(box: BaseMailBox, can: set[str]) -> bool:
    """The mailbox has no room for more, where the server tells (RFC 9208)."""
    if "QUOTA" not in can:
        return False
    # A server that offers it and refuses to answer has said nothing about room.
    with suppress(IMAP4.error, ValueError):
        _status, (_roots, quotas) = box.client.getquotaroot("INBOX")
        return any(_is_used_up(line) for line in quotas if isinstance(line, bytes))
    return False


def _is_used_up(line: bytes) -> bool:
    words = line.decode("ascii", "replace").replace("(", " ").replace(")", " ").upper().split()
    if "STORAGE" not in words:
        return False
    used, limit = words[words.index("STORAGE") + 1 :][:2]
    return int(limit) > 0 and int(used) >= int(limit)


def capabilities(box: BaseMailBox) -> set[str]:
    """What the server can do now: many tell only those who have signed in."""
    with named():
        _status, answer = box.client.capability()
    return set((answer[-1] or b"").decode("ascii", "replace").upper().split())

"""Trying out a mail server step by step, beside the pages, so that an administrator sees where it ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ahadi import outbox
from ahadi.channels.email import servers, trouble
from ahadi.channels.email.fetching.fetcher import capabilities, is_full
from ahadi.channels.email.trouble import Trouble, named
from ahadi.channels.models import MailServer
from ahadi.lib import clock

JOB = "channels.try_server"
# For each step; a test is watched by somebody who waits.
TIMEOUT = 10
# A test that has said nothing for so long will say nothing more.
LONGEST = timedelta(minutes=2)


def ask(server: MailServer) -> None:
    """Put a test down for the worker."""
    server.trial = {}
    server.note_trial(asked=clock.now().isoformat(), done=False, steps=[])
    outbox.put(JOB, {"server_id": server.pk})


def run(server_id: int) -> None:
    """Try a server out and keep what was found; the job."""
    server = MailServer.objects.select_related("inbox").filter(pk=server_id).first()
    if server is None:
        return
    try:
        _fetch(server) if server.way == MailServer.Way.IN else _send(server)
    except Trouble as found:
        server.note_trial(done=True, trouble=found.code, said=found.said)
    else:
        server.note_trial(done=True)


def is_running(server: MailServer) -> bool:
    """It was asked for, and its end is not known yet."""
    if not server.trial or server.trial["done"]:
        return False
    return clock.now() - datetime.fromisoformat(server.trial["asked"]) < LONGEST


def has_worked(server: MailServer) -> bool:
    """The last test went through all its steps."""
    return bool(server.trial.get("done")) and not server.trial.get("trouble")


def explained(server: MailServer) -> trouble.Explained | None:
    """The sentence for what the last test found."""
    if is_running(server) or not server.trial:
        return None
    if not server.trial["done"]:
        return trouble.explain("timeout")
    code = server.trial.get("trouble") or server.trial.get("warning")
    return trouble.explain(code) if code else None


def _fetch(server: MailServer) -> None:
    box = servers.connect_imap(server, TIMEOUT)
    try:
        _step(server, "connected")
        servers.sign_in_imap(server, box)
        _step(server, "signed_in")
        for name in server.folders:
            with named("folder"):
                box.folder.set(name, readonly=True)
            _name, count = box.client.response("EXISTS")
            _step(server, "folder", name=name, mails=int((count[-1] if count else None) or 0))
        if is_full(box, capabilities(box)):
            server.note_trial(warning="full")
    finally:
        servers.close(box)


def _send(server: MailServer) -> None:
    smtp = servers.connect_smtp(server, TIMEOUT)
    try:
        _step(server, "connected")
        servers.sign_in_smtp(server, smtp)
        _step(server, "signed_in")
    finally:
        smtp.close()


def _step(server: MailServer, code: str, **details: Any) -> None:
    server.note_trial(steps=[*server.trial["steps"], {"code": code, **details}])

"""Real IMAP servers for tests and measurements: pymap, and dovecot where the machine has it."""

from __future__ import annotations

import atexit
import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from imaplib import IMAP4
from itertools import count
from pathlib import Path
from typing import Any

from pysasl.hashing import BuiltinHash

from ahadi.channels.models import Inbox, MailServer

USER, PASSWORD = "help", "correct-horse"
PATIENCE = 15.0
_numbers = count(1)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """A server with one mailbox, which can be killed and started again."""

    name = ""
    owner = (os.getuid(), os.getgid())

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.maildir = folder / "mail"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return when it answers."""
        log = (self.folder / "server.log").open("ab")
        self._process = subprocess.Popen(
            self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                IMAP4("127.0.0.1", self.port, timeout=2).logout()
                return
            except (OSError, IMAP4.error):
                time.sleep(0.05)
        raise RuntimeError((self.folder / "server.log").read_text()[-2000:])

    def kill(self) -> None:
        """End at once, as a power cut would."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def renumber(self) -> None:
        """Forget all numbers, while it is not running: the next start has another UIDVALIDITY."""
        # Both servers keep them in the same file, and make the number from the time in seconds.
        for path in self.maildir.rglob("dovecot*"):
            if path.is_file():
                path.unlink()
        time.sleep(1.1)

    def command(self) -> list[str]:
        """What to run."""
        raise NotImplementedError


class Pymap(Process):
    """A server in Python with a Maildir."""

    name = "pymap"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        hashed = BuiltinHash(rounds=1).hash(PASSWORD)
        (folder / "pymap-etc-passwd").write_text(f"{USER}:x::::mail:\n")
        (folder / "pymap-etc-shadow").write_text(f"{USER}:{hashed}:::::::\n")

    def command(self) -> list[str]:
        """pymap as a program of its own."""
        program = Path(sys.executable).with_name("pymap")
        place = ["--host", "127.0.0.1", "--port", str(self.port), "--no-tls", "--no-service", "managesieve"]
        return [str(program), "--no-service", "admin", *place, "maildir", str(self.folder)]


DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
first_valid_uid = 1
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
namespace inbox {{
  inbox = yes
}}
"""


class Dovecot(Process):
    """The server that most mailboxes of the world live on."""

    name = "dovecot"
    # It refuses to read mail as root.
    owner = (65534, 65534) if os.getuid() == 0 else (os.getuid(), os.getgid())

    @staticmethod
    def is_here() -> bool:
        """This machine has it."""
        return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is not None

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        is_root, me = os.getuid() == 0, getpass.getuser()
        uid, gid = self.owner
        self.maildir.mkdir(parents=True)
        for path in (folder, self.maildir):
            if is_root:
                shutil.chown(path, uid, gid)
                path.chmod(0o755)
        (folder / "dovecot.conf").write_text(
            DOVECOT.format(
                folder=folder,
                port=self.port,
                password=PASSWORD,
                uid=uid,
                gid=gid,
                internal="dovecot" if is_root else me,
                login="dovenull" if is_root else me,
                group="dovecot" if is_root else me,
            )
        )

    def command(self) -> list[str]:
        """dovecot in the foreground."""
        return ["/usr/sbin/dovecot", "-F", "-c", str(self.folder / "dovecot.conf")]


def deliver(server: Process, mails: Iterable[bytes], folder: str = "INBOX") -> None:
    """Bring mails into a folder as a mail system does: written aside, then moved into place."""
    place = server.maildir if folder == "INBOX" else server.maildir / f".{folder}"
    for part in ("tmp", "new", "cur"):
        (place / part).mkdir(parents=True, exist_ok=True)
    for mail in mails:
        name = f"{time.time():.6f}.{next(_numbers)}_{os.getpid()}.test"
        (place / "tmp" / name).write_bytes(mail)
        if os.getuid() == 0:
            for path in (place, place / "tmp", place / "new", place / "cur", place / "tmp" / name):
                shutil.chown(path, *server.owner)
        os.rename(place / "tmp" / name, place / "new" / name)


def client(server: Process) -> IMAP4:
    """Another program that works in the same mailbox."""
    made = IMAP4("127.0.0.1", server.port, timeout=20)
    made.login(USER, PASSWORD)
    return made


def connected(server: Process, inbox: Inbox, **fields: Any) -> MailServer:
    """The inbox fetches from this server, everything that is there unless told otherwise."""
    given = {"begin": MailServer.Begin.ALL, "folders": ["INBOX"], **fields}
    row = MailServer.objects.create(
        inbox=inbox, way="in", host="127.0.0.1", port=server.port, security="none", user=USER, **given
    )
    row.keep_password(PASSWORD)
    return row


def mail(number: int, sender: str = "", words: str = "The grinder stops.") -> bytes:
    """A mail that is like no other."""
    lines = [
        f"Return-Path: <{sender or f'anna{number}@post.example'}>",
        f"From: Anna <{sender or f'anna{number}@post.example'}>",
        "To: help@marlo.example",
        f"Subject: Question {number}",
        f"Message-ID: <question-{number}@post.example>",
        "Date: Wed, 02 Dec 2026 10:00:00 +0000",
        "Content-Type: text/plain; charset=utf-8",
        "",
        f"{words} ({number})",
    ]
    return "\r\n".join([*lines, ""]).encode()


def folder() -> Path:
    """A folder that a server may use which runs as somebody else."""
    made = Path(tempfile.mkdtemp(prefix="ahadi-imap-"))
    made.chmod(0o755)
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made

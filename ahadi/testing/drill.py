"""A drill for fetching: mails arrive while network, mail server and Ahadi are killed at random."""

from __future__ import annotations

import imaplib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from imaplib import IMAP4
from pathlib import Path

from ahadi.testing import imap, prepared

DAY = 86_400
WAIT = """
import time
until = time.monotonic() + {patience}
while time.monotonic() < until:
    # In this order: all of them may come between two questions, and then they wait.
    are_here = RawMessage.objects.count() >= {many}
    waiting = RawMessage.objects.filter(outcome='').count() + Job.objects.count()
    if are_here and not waiting:
        break
    time.sleep(0.2)
said = Entry.objects.filter(kind='message')
print(Ticket.objects.count(), said.count(), RawMessage.objects.count(), waiting)
"""
imaplib.Commands.setdefault("MOVE", ("SELECTED",))


class Wire:
    """The network between Ahadi and the mail server, which can be cut."""

    def __init__(self, target: int) -> None:
        self.target, self.is_cut = target, False
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self, seconds: float) -> None:
        """No connection lives or begins for so long."""
        self.is_cut = True
        for one in list(self._open):
            _close(one)
        time.sleep(seconds)
        self.is_cut = False

    def _serve(self) -> None:
        while True:
            near, _address = self._door.accept()
            if self.is_cut:
                _close(near)
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
            except OSError:
                _close(near)
                continue
            far.settimeout(None)
            self._open |= {near, far}
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(65_536):
                other.sendall(piece)
        for end in (one, other):
            self._open.discard(end)
            _close(end)


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


class House:
    """Ahadi's worker in a process of its own."""

    def __init__(self, data: Path, database: str = "") -> None:
        self.surroundings = prepared.surroundings(data, AHADI_SMTP_IN="")
        self._process: subprocess.Popen[bytes] | None = None
        if database:
            self.surroundings["AHADI_DATABASE"] = database
            words = [sys.executable, "-m", "ahadi", "setup"]
            subprocess.run(words, env=self.surroundings, check=True, stdout=subprocess.DEVNULL)
        else:
            prepared.copy(data)

    def start(self) -> None:
        """Let it work."""
        words = [sys.executable, "-m", "ahadi", "work"]
        self._process = subprocess.Popen(
            words,
            env=self.surroundings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def ask(self, words: str) -> str:
        """Run a line of Python among the models and return what it prints."""
        script = (
            "import django; django.setup()\n"
            "from datetime import timedelta\n"
            "from django.db.models import *\n"
            "from ahadi.channels.models import *\n"
            "from ahadi.outbox.models import Job\n"
            "from ahadi.tickets.models import *\n"
            "from ahadi.testing import imap, make\n"
            f"{words}\n"
        )
        surroundings = {**self.surroundings, "DJANGO_SETTINGS_MODULE": "ahadi.settings"}
        command = [sys.executable, "-c", script]
        done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        return done.stdout.strip()


@dataclass
class Result:
    """What was there at the end."""

    delivered: int
    tickets: int = 0
    messages: int = 0
    raw: int = 0
    waiting: int = 0
    seen_by_us: int = 0
    blows: dict[str, int] = field(default_factory=dict)
    moved: int = 0
    seconds: float = 0.0

    @property
    def is_right(self) -> bool:
        """None lost, none doubled, none marked as read, none left unread by Ahadi."""
        counts = {self.delivered, self.tickets, self.messages}
        return counts == {self.delivered} and self.waiting == self.seen_by_us == 0


class Drill:
    """One run: a mailbox, somebody else who works in it, and blows from all sides."""

    def __init__(self, server: imap.Process, house: House, seed: int = 1) -> None:
        self.server, self.house, self.random = server, house, random.Random(seed)
        self.wire = Wire(server.port)
        self.sent, self.moved = 0, 0
        self.blows = {"network": 0, "server": 0, "ahadi": 0}
        self.over = threading.Event()
        # Whoever works in the mailbox and whoever ends the server take turns.
        self.steady = threading.Lock()

    def run(self, many: int, pause: float = 0.02, patience: float = 300) -> Result:
        """Bring so many mails in four parts, with a gap of five days and other numbers between them."""
        begun = time.monotonic()
        self.server.start()
        place = "make.inbox(), folders=['INBOX', 'Done']"
        self.house.ask(f"s = type('S', (), {{'port': {self.wire.port}}}); imap.connected(s, {place})")
        client = imap.client(self.server)
        client.create("Done")
        client.logout()
        self.house.start()
        others = [threading.Thread(target=work, daemon=True) for work in (self._somebody_else, self._strike)]
        for other in others:
            other.start()
        part = many // 4
        self._bring(part, pause)
        self._gap(part)
        self._bring(part, pause)
        self._renumber()
        self._bring(many - 3 * part, pause)
        self.over.set()
        for other in others:
            other.join(30)
        return self._wait(Result(many), begun, patience)

    def _bring(self, many: int, pause: float) -> None:
        for _ in range(many):
            self.sent += 1
            imap.deliver(self.server, [imap.mail(self.sent)])
            time.sleep(self.random.random() * 2 * pause)

    def _gap(self, many: int) -> None:
        """For five days Ahadi is off, while mails come and are read by somebody else."""
        with self.steady:
            self.house.kill()
            before = {path.name for path in self.server.maildir.glob("new/*")}
            for _ in range(many):
                self.sent += 1
                imap.deliver(self.server, [imap.mail(self.sent)])
            for path in self.server.maildir.glob("new/*"):
                if path.name not in before:
                    then = time.time() - self.random.random() * 5 * DAY
                    os.utime(path, (then, then))
            days = "F('last_success') - timedelta(days=5)"
            self.house.ask(f"MailServer.objects.exclude(last_success=None).update(last_success={days})")
            self.house.start()

    def _renumber(self) -> None:
        with self.steady:
            self.server.kill()
            self.server.renumber()
            self.server.start()

    def _strike(self) -> None:
        blows = [self._cut, self._kill_server, self._kill_house]
        deck: list[Callable[[], None]] = []
        while not self.over.wait(0.2 + self.random.random()):
            # Each kind in turn, in an order that nobody knows.
            deck = deck or self.random.sample(blows, len(blows))
            with self.steady:
                deck.pop()()

    def _cut(self) -> None:
        self.blows["network"] += 1
        self.wire.cut(self.random.random() * 0.8)

    def _kill_server(self) -> None:
        self.blows["server"] += 1
        self.server.kill()
        time.sleep(self.random.random() * 0.5)
        self.server.start()

    def _kill_house(self) -> None:
        self.blows["ahadi"] += 1
        self.house.kill()
        time.sleep(self.random.random() * 0.3)
        self.house.start()

    def _somebody_else(self) -> None:
        """A person with a mail program: reads some mails, and moves some to another folder and back."""
        while not self.over.wait(0.2):
            with self.steady, suppress(OSError, IMAP4.error):
                client = imap.client(self.server)
                for here, there in (("INBOX", "Done"), ("Done", "INBOX")):
                    self._tidy(client, here, there)
                client.logout()

    def _tidy(self, client: IMAP4, here: str, there: str) -> None:
        status, _said = client.select(here)
        _status, found = client.uid("SEARCH", "ALL")
        numbers = (found[0] or b"").decode().split() if status == "OK" else []
        for number in self.random.sample(numbers, min(2, len(numbers))):
            # What is marked as read without a flag was marked by nobody but Ahadi.
            client.uid("STORE", number, "+FLAGS", "(\\Seen \\Flagged)")
        for number in self.random.sample(numbers, min(1, len(numbers))):
            # Not COPY, of which pymap makes an empty mail.
            if client.uid("MOVE", number, there)[0] == "OK":
                self.moved += 1

    def _wait(self, result: Result, begun: float, patience: float) -> Result:
        # A beginning looks at once; pymap announces nothing that came by itself, and minutes are long.
        self._kill_house()
        counts = self.house.ask(WAIT.format(many=result.delivered, patience=patience)).split()
        result.tickets, result.messages, result.raw, result.waiting = map(int, counts)
        self.house.kill()
        result.seen_by_us = self._seen_by_us()
        result.blows, result.moved = self.blows, self.moved
        result.seconds = time.monotonic() - begun
        self.server.kill()
        return result

    def _seen_by_us(self) -> int:
        client, count = imap.client(self.server), 0
        for name in ("INBOX", "Done"):
            client.select(name, readonly=True)
            _status, found = client.search(None, "SEEN UNFLAGGED")
            count += len((found[0] or b"").split())
        client.logout()
        return count


def clean(*folders: Path) -> None:
    """Remove what a drill left."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)

"""Mails that people really sent go through the SMTP door of the whole product: each is somewhere, and once.

Some of them go in the suite; with MAILS=all in the environment every one goes.
"""

from __future__ import annotations

import os
import smtplib
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ahadi.lib.environment import ROOT
from ahadi.testing import prepared

STEP = 1 if os.environ.get("MAILS") == "all" else 24
PATIENCE = 600 if STEP == 1 else 90
COUNTS = [
    "SELECT count(*) FROM channels_rawmessage",
    "SELECT count(*) FROM tickets_ticket",
    "SELECT count(*) FROM tickets_entry",
    "SELECT count(*) FROM channels_delivery",
]


class House:
    """The whole product on a machine of its own, and what it writes into its log."""

    def __init__(self, data: Path) -> None:
        prepared.copy(data)
        self.database, self.log = data / "ahadi.sqlite3", data / "log"
        web, self.door = free_port(), free_port()
        given = {"AHADI_PORT": str(web), "AHADI_SMTP_IN": f"127.0.0.1:{self.door}"}
        words = [sys.executable, "-m", "ahadi", "up"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                words, env=prepared.surroundings(data, **given), cwd=ROOT, stdout=log, stderr=log
            )

    def ask(self, question: str) -> list[tuple]:
        with sqlite3.connect(self.database, timeout=30) as connection:
            return connection.execute(question).fetchall()

    def wait(self) -> None:
        """Until everything taken in is read, and what follows from it done."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.ask("SELECT 1 FROM outbox_job LIMIT 1"):
            time.sleep(0.1)

    def send(self, mails: list[bytes]) -> None:
        with self._server() as server:
            for mail in mails:
                server.sendmail("bounce@sender.example", ["help@marlo.example"], mail)

    def _server(self) -> smtplib.SMTP:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return smtplib.SMTP("127.0.0.1", self.door, timeout=60)
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                assert time.monotonic() < end
                time.sleep(0.1)


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    yield made
    made.process.terminate()
    made.process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def as_sent(mail: bytes) -> bytes:
    """A mail as it travels: its last line has an end."""
    return mail if mail.endswith(b"\r\n") else mail + b"\r\n"


@pytest.mark.once
def test_each_mail_is_a_ticket_an_entry_or_put_aside_and_again_adds_nothing(material, house):
    files = [path for path in sorted((material / "data" / "mail").rglob("*")) if path.name != "README"]
    mails = [path.read_bytes() for path in files if path.is_file()][::STEP]

    house.send(mails)
    house.wait()
    counts = [house.ask(question) for question in COUNTS]
    house.send(mails)
    house.wait()

    # The same bytes twice are one message.
    assert counts[0] == [(len({as_sent(mail) for mail in mails}),)]
    assert [house.ask(question) for question in COUNTS] == counts
    lost = (
        "SELECT sha256 FROM channels_rawmessage WHERE (outcome IN ('ticket', 'entry') AND entry_id IS NULL)"
    )
    assert house.ask(f"{lost} OR (outcome = 'quarantine' AND reason = '') OR outcome = ''") == []
    assert "Traceback" not in house.log.read_text()

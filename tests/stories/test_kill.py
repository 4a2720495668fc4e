"""The power may fail at any moment: what was accepted is there afterwards, once, and nothing leaves twice."""

from __future__ import annotations

import asyncio
import random
import smtplib
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from email import message_from_bytes
from threading import Event, Thread

import pytest
from aiosmtpd.controller import Controller

from ahadi.lib.environment import ROOT
from ahadi.testing import prepared

KILLS = 20
# Enough to keep the door and the worker busy in every round.
PAUSE = 0.015


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Sink:
    """The mail server of somebody else: counts what it took."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()

    async def handle_DATA(self, server, session, envelope) -> str:
        # Time for a blow between the text and the answer.
        await asyncio.sleep(random.random() / 10)
        self.taken[message_from_bytes(envelope.content)["Message-ID"]] += 1
        return "250 OK"


class Customers(Thread):
    """People who write one mail after the other, and each again until it is accepted."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port, self.accepted, self.enough = port, 0, Event()

    def run(self) -> None:
        while not self.enough.is_set():
            number = self.accepted
            mail = (
                f"From: Customer {number} <customer{number}@post.example>\r\nTo: help@marlo.example\r\n"
                f"Subject: Matter {number}\r\nMessage-ID: <{number}@post.example>\r\n\r\nIt is broken.\r\n"
            )
            while not self._send(number, mail):
                time.sleep(0.02)
            self.accepted += 1
            time.sleep(PAUSE)

    def _send(self, number: int, mail: str) -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as server:
                server.sendmail(f"customer{number}@post.example", ["help@marlo.example"], mail)
        except (OSError, smtplib.SMTPException):
            return False
        return True


class House:
    """The product in a process of its own, that can be killed."""

    def __init__(self, data, door: int, sink: int) -> None:
        self.surroundings = prepared.surroundings(
            data, AHADI_SMTP_IN=f"127.0.0.1:{door}", AHADI_SMTP_OUT=f"smtp://127.0.0.1:{sink}"
        )
        self.database = data / "ahadi.sqlite3"
        self.door = door
        prepared.copy(data)

    def start(self) -> subprocess.Popen:
        process = self._call("work")
        while process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.door), timeout=1).close()
                return process
            except OSError:
                time.sleep(0.02)
        raise AssertionError(f"The worker ended with {process.returncode}.")

    def ask(self, question: str) -> list[tuple]:
        with sqlite3.connect(self.database, timeout=20) as connection:
            return connection.execute(question).fetchall()

    def finish(self) -> None:
        """Let the leases of the dead run out, and let the living do the rest."""
        self.ask("UPDATE outbox_job SET next_try = '2000-01-01 00:00:00', state = 'waiting'")
        process = self.start()
        end = time.monotonic() + 60
        while self.ask("SELECT count(*) FROM outbox_job") != [(0,)] and time.monotonic() < end:
            time.sleep(0.1)
        process.kill()
        process.wait()

    def _call(self, command: str) -> subprocess.Popen:
        words = [sys.executable, "-m", "ahadi", command]
        return subprocess.Popen(
            words, env=self.surroundings, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )


def test_twenty_blows_during_intake_and_delivery_lose_and_double_nothing(tmp_path, request):
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("the processes of this test have a database of their own")
    sink = Sink()
    server = Controller(sink, hostname="127.0.0.1", port=free_port())
    server.start()
    house = House(tmp_path, free_port(), server.port)
    customers = Customers(house.door)
    customers.start()

    for _ in range(KILLS):
        process = house.start()
        time.sleep(0.1 + random.random())
        process.kill()
        process.wait()
    last = house.start()
    customers.enough.set()
    customers.join(timeout=20)
    last.kill()
    last.wait()
    house.finish()
    server.stop()

    accepted = customers.accepted
    assert accepted > KILLS
    assert house.ask("SELECT count(*) FROM outbox_job") == [(0,)]
    assert house.ask("SELECT outcome, count(*) FROM channels_rawmessage GROUP BY outcome") == [
        ("ticket", accepted)
    ]
    assert house.ask("SELECT count(DISTINCT entry_id) FROM channels_rawmessage") == [(accepted,)]
    assert house.ask("SELECT count(*) FROM tickets_ticket") == [(accepted,)]
    assert house.ask("SELECT count(*) FROM tickets_entry WHERE kind = 'reply'") == [(accepted,)]
    states = dict(house.ask("SELECT message_id, state FROM channels_delivery"))
    assert len(states) == accepted
    assert set(states.values()) <= {"sent", "unknown"}
    assert max(sink.taken.values()) == 1
    assert {name for name, state in states.items() if state == "sent"} <= set(sink.taken) <= set(states)

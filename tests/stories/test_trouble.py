"""When the disk is full or the mail server is away: everybody is told, and nothing is lost."""

from __future__ import annotations

import errno
import smtplib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller

from ahadi.channels.email import door
from ahadi.channels.models import Delivery, RawMessage
from ahadi.lib import clock, store
from ahadi.outbox import jobs
from ahadi.outbox.models import Job
from ahadi.people.models import Customer
from ahadi.portal import sending
from ahadi.testing import make
from ahadi.tickets.models import Ticket

pytestmark = pytest.mark.django_db

MAIL = "From: anna@post.example\r\nTo: help@marlo.example\r\nSubject: Grinder\r\n\r\nIt stops.\r\n"
FILE = b"a picture"


@pytest.fixture
def full_disk(monkeypatch) -> None:
    """Not one more byte."""

    def refuse(content: bytes) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store, "put", refuse)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Sink:
    """The mail server of somebody else."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def handle_DATA(self, server, session, envelope) -> str:
        self.taken.append(message_from_bytes(envelope.content)["Message-ID"])
        return "250 OK"


@contextmanager
def listening(port: int) -> Iterator[Sink]:
    sink = Sink()
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield sink
    finally:
        server.stop()


def test_a_mail_that_finds_a_full_disk_stays_with_its_sender(port, full_disk):
    opened = door.start("127.0.0.1", port)
    try:
        with (
            smtplib.SMTP("127.0.0.1", port, timeout=30) as server,
            pytest.raises(smtplib.SMTPDataError) as no,
        ):
            server.sendmail("anna@post.example", ["help@marlo.example"], MAIL)
    finally:
        opened.stop()

    assert (no.value.smtp_code, no.value.smtp_error[:5]) == (452, b"4.3.1")
    assert not RawMessage.objects.exists()
    assert not Job.objects.exists()


def test_a_form_that_finds_a_full_disk_keeps_what_was_typed(client, frozen, full_disk, tmp_path):
    picture = tmp_path / "picture.png"
    picture.write_bytes(FILE)
    key = sending.new_key()

    with clock.at(frozen + timedelta(minutes=1)), picture.open("rb") as file:
        filled = {"key": key, "problem": "It stops after two seconds.", "email": "anna@post.example"}
        answer = client.post("/ask/", {**filled, "files": file})

    page = answer.content.decode()
    assert answer.status_code == 503
    assert "It stops after two seconds." in page
    assert "anna@post.example" in page
    assert "could not be stored. What you typed is still here" in page
    assert not Ticket.objects.exists()
    assert not Customer.objects.exists()


def test_a_character_that_cannot_be_stored_is_refused_and_the_rest_kept(client, frozen):
    key = sending.new_key()

    with clock.at(frozen + timedelta(minutes=1)):
        filled = {"key": key, "problem": "It sto\0ps.", "wish": "A new sieve.", "email": "anna@post.example"}
        answer = client.post("/ask/", filled)

    assert answer.status_code == 422
    assert "Null characters are not allowed." in answer.content.decode()
    assert "A new sieve." in answer.content.decode()
    assert not Ticket.objects.exists()


def test_an_answer_waits_for_the_mail_server_and_goes_out_when_it_is_back(client, frozen, settings, port):
    settings.AHADI_SMTP_OUT = f"smtp://127.0.0.1:{port}"
    settings.AHADI_SMTP_IN = None
    settings.AHADI_FILES.mkdir(parents=True, exist_ok=True)
    admin = make.admin()
    client.force_login(admin)
    entry = make.ticket().reply("Please clean the sieve.", by=admin)

    jobs.run_due()
    delivery = Delivery.objects.get(entry=entry)
    waiting = client.get("/healthz?full").json()
    page = client.get("/desk/settings/outbox/").content.decode()

    assert delivery.state == Delivery.State.QUEUED
    assert "smtp_out" in waiting["failing"]
    assert "nothing answers at this port" in page

    with listening(port) as sink:
        for job in Job.objects.order_by("pk"):
            client.post(f"/desk/settings/outbox/{job.pk}/try/")
        jobs.run_due()
    delivery.refresh_from_db()

    assert delivery.state == Delivery.State.SENT
    assert sink.taken.count(delivery.message_id) == 1
    assert client.get("/healthz?full").json()["failing"] == []
    assert not Job.objects.exists()
    assert "Connection refused" not in client.get("/desk/settings/outbox/").content.decode()

"""Mails that are not plain words: what becomes of them between the door and the desk."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from ahadi.channels import intake
from ahadi.lib.mail import bounded
from ahadi.lib.tests import compound
from ahadi.outbox import jobs
from ahadi.testing import make
from ahadi.tickets.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

HEAD = (
    b"From: Jane <jane@example.org>\r\nTo: help@marlo.example\r\nSubject: Broken\r\n"
    b"Message-ID: <1@example.org>\r\n"
)
PIXELS = b"\x89PNG\r\n\x1a\n" + b"\x07" * 40


@pytest.fixture(autouse=True)
def _inbox():
    make.company()
    make.inbox()
    yield
    bounded.end()


def bring(raw: bytes) -> Entry:
    message = intake.accept(raw, "jane@example.org", ["help@marlo.example"])
    jobs.run_due()
    message.refresh_from_db()
    assert message.entry is not None, (message.outcome, message.reason)
    return message.entry


def test_a_mail_built_to_take_hours_becomes_a_ticket_with_the_whole_mail(monkeypatch):
    raw = HEAD + b"Content-Disposition: attachment; " + b"filename*0*=a; " * 200_000 + b"\r\n\r\nHello"
    monkeypatch.setattr(bounded.read, "__defaults__", (0.3,))

    entry = bring(raw)

    assert "unreadable:too-slow" in entry.words.data["defects"]
    assert [(file.name, file.size) for file in entry.attachments.all()] == [("message.eml", len(raw))]
    assert entry.ticket.subject == "Broken"


def test_a_large_mail_comes_in_whole():
    content = bytes(range(256)) * 2_000
    part = b"Content-Type: x/y; name=log.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    body = b"--q\r\n\r\nSee the log\r\n--q\r\n" + part + base64.encodebytes(content) + b"--q--\r\n"

    entry = bring(HEAD + b"Content-Type: multipart/mixed; boundary=q\r\n\r\n" + body)

    [file] = entry.attachments.all()
    assert (file.name, file.size) == ("log.bin", len(content))
    assert entry.words.text.strip() == "See the log"


def test_a_picture_written_into_the_mail_is_kept_and_shown():
    written = base64.b64encode(PIXELS).decode()
    page = f'<p>Look <img alt=x src="data:image/png;base64,{written}"></p>'

    entry = bring(HEAD + f"Content-Type: text/html\r\n\r\n{page}".encode())

    [file] = entry.attachments.all()
    assert (file.content_type, file.size) == ("image/png", len(PIXELS))
    client = Client()
    client.force_login(make.admin())
    shown = client.get(reverse("channels:html", args=[entry.pk])).content.decode()
    assert written in shown


def outlook_file() -> bytes:
    words = {
        0x0037: "Broken pump",
        0x1000: "It leaks since Monday.",
        0x0C1A: "Nadia",
        0x5D01: "nadia@example.net",
    }
    bill = {0x3705: 1, 0x3707: "bill.pdf", 0x3701: b"%PDF-1.4 bill"}
    return compound.message({**words, 0x0039: datetime(2026, 11, 24, 9, tzinfo=UTC)}, files=[bill])


def with_outlook_file(head: bytes) -> bytes:
    part = b"Content-Type: application/vnd.ms-outlook; name=Pump.msg\r\n"
    part += b"Content-Transfer-Encoding: base64\r\n\r\n"
    body = (
        b"--q\r\n\r\nSee what Nadia wrote\r\n--q\r\n"
        + part
        + base64.encodebytes(outlook_file())
        + b"--q--\r\n"
    )
    return head + b"Content-Type: multipart/mixed; boundary=q\r\n\r\n" + body


def test_a_message_of_outlook_can_be_read_at_the_desk_without_outlook():
    entry = bring(with_outlook_file(HEAD))

    assert [file.name for file in entry.attachments.order_by("pk")] == ["Pump.msg", "Pump.eml"]
    client = Client()
    client.force_login(make.admin())
    shown = client.get(f"/desk/tickets/{entry.ticket.number}/").content.decode()
    assert "It leaks since Monday." in shown
    assert "nadia@example.net" in shown
    assert "bill.pdf" in shown
    assert "Who sent it was not checked." in shown
    assert entry.customer.addresses.get().value == "jane@example.org"


def test_an_invitation_reaches_the_desk_as_a_card_and_nobody_accepts():
    calendar = (
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Visit\r\nDTSTART:20261202T073000Z\r\n"
        "ATTENDEE;RSVP=TRUE:mailto:help@marlo.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )

    entry = bring(HEAD + f"Content-Type: text/calendar; method=REQUEST\r\n\r\n{calendar}".encode())

    client = Client()
    client.force_login(make.admin())
    shown = client.get(f"/desk/tickets/{entry.ticket.number}/").content.decode()
    assert "Nothing was accepted." in shown
    replies = entry.ticket.entries.filter(kind=Entry.Kind.REPLY, automatic=False)
    assert not replies.exists()
    assert datetime.fromisoformat(entry.words.data["invitation"]["start"]) == datetime(
        2026, 12, 2, 7, 30, tzinfo=UTC
    )


def test_an_encrypted_mail_is_a_ticket_whose_parts_are_as_they_came():
    sealed = b"-----BEGIN PGP MESSAGE-----\r\n\r\nabc  \r\n-----END PGP MESSAGE-----"
    body = (
        b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=q\r\n\r\n'
        b"--q\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--q\r\n"
        b"Content-Type: application/octet-stream; name=encrypted.asc\r\n\r\n" + sealed + b"\r\n--q--\r\n"
    )

    entry = bring(HEAD + body)

    assert entry.words.data["seal"] == "encrypted pgp"
    assert entry.attachments.get(name="encrypted.asc").size == len(sealed)

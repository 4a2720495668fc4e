"""Receipts that go with confirmations."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message
from email.policy import default

import pytest

from ahadi.channels.models import OutgoingMail
from ahadi.ledger import keys, log, verify
from ahadi.outbox import jobs
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def sent() -> Message:
    """The newest mail that left."""
    jobs.run_due()
    kept = OutgoingMail.objects.order_by("-pk")[0]
    return message_from_bytes(bytes(kept.raw), policy=default)


def enclosed(mail: Message) -> dict[str, bytes]:
    return {part.get_filename(): part.get_payload(decode=True) for part in mail.walk() if part.get_filename()}


@pytest.mark.parametrize("language", ["en", "fa"])
def test_a_confirmation_carries_the_receipt_of_what_was_asked(language):
    ticket = make.ticket("Where is my parcel?", language=language)

    files = enclosed(sent())

    proof = files[f"{ticket.number}.tlog-proof"].decode()
    events = verify.receipt(proof, log.vkeys()).events
    assert [event["type"] for event in events] == ["message", "reply.acknowledgement"]


def test_the_mail_says_what_the_file_is_for():
    make.ticket()

    mail = sent()

    assert "/verify/" in mail.get_body(("plain",)).get_content()


def test_where_nothing_may_be_signed_the_confirmation_still_leaves():
    ticket = make.ticket()
    keys.remember(10**6, bytes(32))

    mail = sent()

    assert ticket.number in mail["Subject"]
    assert enclosed(mail) == {}


def test_an_answer_of_a_person_brings_only_its_own_files():
    ticket = make.ticket(data={"no_acknowledgement": True})
    ticket.reply("It comes on Friday.", by=make.agent())

    assert enclosed(sent()) == {}

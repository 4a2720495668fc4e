"""What servers say when a mail is not taken, in words with a next step."""

from __future__ import annotations

import pytest

from ahadi.channels.email import failures, trouble


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("550 5.1.1 <a@b.example>: Recipient address rejected: User unknown", "userunknown"),
        ("550 No such user here", "userunknown"),
        ("550 5.1.2 Host unknown", "hostunknown"),
        ("551 5.1.6 The user has moved", "hasmoved"),
        ("550 5.2.1 The mailbox is disabled", "suspend"),
        ("552 5.2.2 Mailbox full", "mailboxfull"),
        ("452 4.2.2 The recipient's mailbox is over quota", "mailboxfull"),
        ("552 5.3.4 Message size exceeds fixed limit", "mesgtoobig"),
        ("554 5.7.1 Message identified as SPAM", "spamdetected"),
        ("554 Service unavailable; Client host [203.0.113.7] blocked using a blocklist", "blocked"),
        (
            "550 5.7.26 Unauthenticated email is not accepted due to the domain's DMARC policy",
            "policyviolation",
        ),
        ("451 4.3.0 Try again", "busy"),
        ("421 Too many connections", "busy"),
        ("5.4.7 Delivery expired", "expired"),
        ("535 5.7.8 Authentication credentials invalid", "own"),
        ("530 5.7.0 Must issue a STARTTLS command first", "own"),
        ("closed: [Errno 111] Connection refused", "own"),
        ("certificate: self-signed certificate", "own"),
        ("599 What is this", "other"),
        ("", "other"),
    ],
)
def test_every_answer_of_a_server_is_understood(error: str, code: str):
    assert failures.read(error).code == code


def test_the_status_of_a_report_counts_before_its_words():
    assert failures.read("smtp; mailbox full, user unknown", "5.1.1").code == "userunknown"


def test_every_failure_has_a_sentence_and_a_next_step():
    for failure in failures.TABLE.values():
        assert str(failure.what).endswith(".")
        assert str(failure.next).endswith(".")


def test_trouble_with_our_own_server_keeps_its_code_and_says_which_server_and_port():
    named = failures.name(trouble.Trouble("password", "535 no"), "mail.example:587")

    assert named == "password: mail.example:587 535 no"
    assert failures.trouble_in(named) == trouble.TABLE["password"]
    assert failures.trouble_in("451 try later") is None


def test_hostile_words_of_a_server_are_read_in_no_time():
    assert failures.read("5." * 100_000).code == "other"
    assert failures.read("x" * 1_000_000).code == "other"

from __future__ import annotations

import pytest

from ahadi.lib.mail import Mail, is_loop, looks_like_code, parse


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated (failure)",
        "Auto-Submitted: auto-notified; owner-email=a@b.c",
        "X-Autoreply: yes",
        "X-Autorespond: 1",
        "X-Autoresponder: vacation",
        "X-AutoReply-From: a@example.org",
        "X-Mail-Autoreply: true",
        "Precedence: bulk",
        "Precedence: auto_reply",
        "X-Precedence: junk",
        "Precedence: list",
        "List-Id: <news.example.org>",
        "List-Unsubscribe: <https://example.org/u>",
        "List-Post: <mailto:l@example.org>",
        "Mailing-List: contact l@example.org",
        "Return-Path: <>",
        "Content-Type: multipart/report; boundary=x",
        "X-Loop: example",
        "X-MS-Exchange-Inbox-Rules-Loop: a@example.org",
        "Feedback-ID: 1:2:3",
        "From: MAILER-DAEMON@example.org",
        "From: postmaster@example.org",
        "From: no-reply@example.org",
        "From: noreply+12@example.org",
        "From: bounces+1@example.org",
        "From: owner-list@example.org",
        "From: list-request@example.org",
    ],
)
def test_mail_of_machines_is_recognised(header):
    read = parse(f"{header}\r\nSubject: x\r\n\r\nHello".encode())

    assert read.is_automatic
    assert read.automatic_reason


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: no",
        "Auto-Submitted: No (by hand)",
        "Precedence: normal",
        "Return-Path: <jane@example.org>",
        "From: jane.root@example.org",
        "From: norep@example.org",
        "X-Auto-Response-Suppress: All",
    ],
)
def test_mail_of_people_stays_mail_of_people(header):
    read = parse(f"{header}\r\nSubject: x\r\n\r\nHello".encode())

    assert not read.is_automatic


@pytest.mark.parametrize("value", ["All", "OOF, AutoReply", "DR, RN, NRN, OOF, AutoReply"])
def test_the_wish_for_no_answer_is_kept_apart(value):
    read = parse(f"X-Auto-Response-Suppress: {value}\r\n\r\nHello".encode())

    assert read.wants_no_answer
    assert not read.is_automatic


def test_own_mail_that_comes_back_is_a_loop():
    read = parse(b"X-Ahadi-Loop: Desk-1\r\n\r\nHello")

    assert is_loop(read, "desk-1")
    assert not is_loop(read, "desk-2")
    assert not is_loop(parse(b"\r\n"), "")


@pytest.mark.parametrize(
    "text",
    [
        "Your code is 123456",
        "Your Slack verification code is 123-456",
        "Verify your email: https://example.org/v/abc",
        "کد تأیید شما: ۱۲۳۴۵۶",
        "קוד האימות שלך הוא 123456",
        "Codul tău de verificare este 123456",
        "Nambari yako ya uthibitisho ni 123456",
    ],
)
def test_mail_that_proves_an_address_is_recognised(text):
    assert looks_like_code(Mail(subject="", text=text))


@pytest.mark.parametrize(
    "text", ["My order 123456 has not come.", "The discount code did not work.", "سفارش ۱۲۳۴۵۶ نرسید"]
)
def test_ordinary_questions_do_not_look_like_codes(text):
    assert not looks_like_code(Mail(subject="Question", text=text))

from __future__ import annotations

import pytest

from ahadi.lib import html
from ahadi.lib.mail import Mail, original_message, parse
from ahadi.lib.tests.shared import data


def test_an_attached_mail_is_taken_first():
    raw = (
        "From: agent@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        "--b\r\n\r\nSee this\r\n--b\r\n"
        "Content-Type: message/rfc822\r\n\r\nFrom: Jane <jane@example.org>\r\nTo: help@example.com\r\n"
        "Subject: Broken\r\nDate: Wed, 2 Dec 2026 11:00:00 +0000\r\n\r\nIt is broken.\r\n--b--\r\n"
    )

    found = original_message(parse(raw.encode()))

    assert (found.sender.email, found.subject, found.text.strip()) == (
        "jane@example.org",
        "Broken",
        "It is broken.",
    )
    assert found.date.isoformat() == "2026-12-02T11:00:00+00:00"


@pytest.mark.parametrize(
    "block",
    [
        "From: Jane Roe <jane@example.org>\nDate: Dec 2 at 5:17 PM\nSubject: Broken\nTo: help@example.com",
        "*From:* Jane Roe [mailto:jane@example.org]\n*To:* help@example.com\n*Subject:* Broken",
        "Von: Jane Roe <jane@example.org>\nGesendet: Mittwoch\nAn: help@example.com\nBetreff: Broken",
        "De : Jane Roe <jane@example.org>\nEnvoyé : mercredi\nÀ : help@example.com\nObjet : Broken",
        "De la: Jane Roe <jane@example.org>\nTrimis: miercuri\nCătre: help@example.com\nSubiect: Broken",
        "מאת: Jane Roe <jane@example.org>\nתאריך: 2.12.2026\nאל: help@example.com\nנושא: Broken",
        "از: Jane Roe <jane@example.org>\nتاریخ: چهارشنبه\nبه: help@example.com\nموضوع: Broken",
        "Kutoka: Jane Roe <jane@example.org>\nTarehe: 2 Des\nKwa: help@example.com\nMada: Broken",
        "> From: Jane Roe <jane@example.org>\n> Subject: Broken\n> Date: 2 Dec 2026\n> To: help@example.com",
    ],
)
def test_a_written_out_mail_is_found_in_many_languages(block):
    body = "It is broken." if not block.startswith(">") else "> It is broken."

    found = original_message(Mail(text=f"FYI\n\n---------- Forwarded message ---------\n{block}\n\n{body}\n"))

    assert (found.sender.name, found.sender.email) == ("Jane Roe", "jane@example.org")
    assert [box.email for box in found.to] == ["help@example.com"]
    assert (found.subject, found.text) == ("Broken", "It is broken.")


@pytest.mark.parametrize(
    "words",
    [
        '  ----- Forwarded Message ----- From: Jane Roe <jane@example.org>To: "help@example.com" '
        "<help@example.com>Sent: Tuesday, December 2, 2026, 09:26:50 AM GMT+1Subject: Broken\n It is broken.",
        "  ----- Mesaj redirecționat ----- De la: Jane Roe <jane@example.org>Către: help@example.com"
        "Trimis: marți, 2 decembrie 2026, 09:26:50 CETSubiect: Broken\nIt is broken.",
    ],
)
def test_headers_that_stand_in_one_line_are_told_apart(words):
    found = original_message(Mail(text=words))

    assert (found.sender.name, found.sender.email, found.subject) == (
        "Jane Roe",
        "jane@example.org",
        "Broken",
    )
    assert found.text.strip() == "It is broken."


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Broken", "\ufeffDne 2/12/2026 12:46, Jane Roe <jane@example.org> napsal(a):\n\n    It is broken."),
        ("Fwd: Broken", "Please look.\n\nOn 2 Dec 2026, Jane Roe <jane@example.org> wrote:\n> It is broken."),
    ],
)
def test_a_mail_below_who_wrote_it_is_found(subject, text):
    found = original_message(Mail(subject=subject, text=text))

    assert (found.sender.name, found.sender.email) == ("Jane Roe", "jane@example.org")
    assert (found.subject, found.text) == ("Broken", "It is broken.")


def test_an_answer_is_no_forwarded_mail():
    text = "Thank you.\n\nOn 2 Dec 2026, Jane Roe <jane@example.org> wrote:\n> It is broken."

    assert original_message(Mail(subject="Re: Broken", text=text)) is None


def test_an_ordinary_mail_holds_no_other():
    assert original_message(Mail(text="Hello,\n\nName: Jane\nI wait: since Monday.")) is None


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("apple_forward", "foo@bar.example"),
        ("gmail_forward", "foo@bar.example"),
        ("mailru_forward", "ivanivanov@example.com"),
        ("thunderbird_forward", "johndoe@example.com"),
    ],
)
def test_forwards_of_html_programs_are_found_in_their_text(name, email):
    page = data("reply", "quotequail-html", f"{name}.html").read_text(encoding="utf-8")

    assert original_message(Mail(text=html.to_text(page))).sender.email == email

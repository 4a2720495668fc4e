from __future__ import annotations

import pytest

from ahadi.lib.mail import parse
from ahadi.lib.tests.shared import data, rows

REPORT = """\
From: MAILER-DAEMON@example.net
Subject: Undelivered
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Sorry
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; Jane@Example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--b
Content-Type: message/rfc822

Message-ID: <c.1@example.com>
Subject: Your request

Hello
--b--
"""


def report(action: str = "failed", status: str = "5.1.1", words: str = "550 5.1.1 No such user"):
    return parse(REPORT.format(action=action, status=status, words=words).encode())


def test_a_permanent_failure_names_recipient_status_reason_and_message():
    read = report()

    [bounce] = read.bounce
    assert (bounce.recipient, bounce.permanent, bounce.status) == ("jane@example.org", True, "5.1.1")
    assert (bounce.reason, bounce.message_id) == ("userunknown", "<c.1@example.com>")
    assert read.is_automatic


def test_a_delay_is_not_permanent():
    [bounce] = report("delayed", "4.4.1", "connection refused").bounce

    assert not bounce.permanent


def test_a_notice_of_delivery_is_no_bounce():
    read = report("delivered", "2.0.0", "250 ok")

    assert read.bounce is None


def test_an_ordinary_mail_is_no_bounce():
    read = parse(
        b"From: jane@example.org\r\nSubject: My parcel was not delivered\r\n\r\nTo j@example.org: nothing."
    )

    assert read.bounce is None


def test_the_bounces_of_many_servers_are_read():
    expectations = [row for row in rows("bounce", "sisimai", "expected.jsonl") if row["recipients"]]

    agreeing = 0
    for expected in expectations:
        found = parse((data("bounce", "sisimai") / expected["file"]).read_bytes()).bounce or []
        wanted = [recipient["dsn"][:1] for recipient in expected["recipients"]]
        agreeing += len(found) == len(wanted) and all(
            bounce.status[:1] == kind or not kind for bounce, kind in zip(found, wanted, strict=True)
        )

    # 76 of 78; the other two are refusals of a mailing list, which are answers and no bounces.
    assert agreeing >= 76, f"{agreeing} of {len(expectations)}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":'
            '"Jane@Example.org","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}]}}',
            [("jane@example.org", True, "userunknown")],
        ),
        (
            '{"bounce":{"bounceType":"Transient","bouncedRecipients":[{"emailAddress":"a@example.org"}]}}\n\n--\nBye',
            [("a@example.org", False, "other")],
        ),
        (
            '{"complaint":{"complainedRecipients":[{"emailAddress":"a@example.org"}]}}',
            [("a@example.org", False, "feedback")],
        ),
        ('{"bounce":{"bouncedRecipients":"x"}}', []),
        ('{"bounce":[1],"bouncedRecipients":1}', []),
        ('{"Recipients": ' + "[" * 5_000, []),
    ],
)
def test_notices_of_a_mail_service_are_read(text, expected):
    read = parse(f"From: no-reply@sns.example\r\nSubject: Notification\r\n\r\n{text}".encode())

    assert [(each.recipient, each.permanent, each.reason) for each in read.bounce or []] == expected


def test_a_report_that_names_a_mailbox_file_is_about_the_address_in_the_head():
    raw = REPORT.format(action="failed", status="5.0.0", words="mailbox is full").replace(
        "rfc822; Jane@Example.org", "rfc822;/var/mail/jane"
    )

    [bounce] = parse(f"X-Failed-Recipients: jane@example.org\n{raw}".encode()).bounce

    assert bounce.recipient == "jane@example.org"

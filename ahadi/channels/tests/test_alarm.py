"""A silent inbox is told to administrators by another way, once for each outage, and so is its end."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes

import pytest

from ahadi.api import health
from ahadi.channels.email.fetching import alarm
from ahadi.channels.models import MailServer, OutgoingMail
from ahadi.lib import clock
from ahadi.testing import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(frozen) -> MailServer:
    make.company()
    make.inbox("sales@marlo.example", "Sales")
    made = MailServer.objects.create(
        inbox=make.inbox(), way="in", host="imap.marlo.example", port=993, user="help"
    )
    made.succeed()
    return made


def after(minutes: float):
    return clock.at(clock.now() + timedelta(minutes=minutes))


def subjects() -> list[str]:
    return [mail.subject for mail in OutgoingMail.objects.order_by("pk")]


def test_ten_minutes_of_failing_are_told_once_to_each_administrator(server):
    make.admin("Ada Stone", email="ada@marlo.example")
    make.admin("Away", email="away@marlo.example", is_active=False)
    make.lead()
    with after(1):
        server.fail("password", "NO")
    with after(9):
        alarm.look()
        assert subjects() == []
    with after(11):
        alarm.look()
        alarm.look()
    with after(60):
        alarm.look()

    mail = OutgoingMail.objects.get()
    parsed = message_from_bytes(bytes(mail.raw))
    words = parsed.get_payload()[0].get_payload(decode=True).decode()
    assert mail.recipients == ["ada@marlo.example"]
    assert mail.subject == "No mail can be fetched for help@marlo.example"
    assert parsed["From"].endswith("<sales@marlo.example>")
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert "The server does not accept this user name and password." in words
    assert f"/desk/settings/inboxes/{server.inbox_id}/" in words


def test_the_end_of_the_outage_is_told_once_too(server):
    make.admin()
    server.fail("broken")
    with after(11):
        alarm.look()
    with after(20):
        server.succeed()
    with after(21):
        alarm.look()
        alarm.look()

    assert subjects() == [
        "No mail can be fetched for help@marlo.example",
        "Mail for help@marlo.example is fetched again",
    ]


def test_the_next_outage_is_told_again(server):
    make.admin()
    with after(11):
        alarm.look()
        server.succeed()
    with after(12):
        alarm.look()
    with after(30):
        alarm.look()

    assert len(subjects()) == 3


def test_each_administrator_reads_it_in_their_language(server):
    make.admin(language="en")
    make.admin(language="fa")
    with after(11):
        alarm.look()

    assert OutgoingMail.objects.count() == 2
    assert b'dir="rtl"' in message_from_bytes(bytes(OutgoingMail.objects.last().raw)).get_payload()[
        1
    ].get_payload(decode=True)


@pytest.mark.parametrize("change", [{"is_paused": True}, {"way": "out"}])
def test_what_is_not_fetched_is_not_silent(server, change):
    make.admin()
    MailServer.objects.update(**change)
    with after(11):
        alarm.look()

        assert health.inboxes()["ok"]
    assert subjects() == []


def test_an_inbox_that_was_just_added_has_ten_minutes(server):
    make.admin()
    MailServer.objects.update(last_success=None)
    with after(9):
        alarm.look()
        assert subjects() == []
    with after(11):
        alarm.look()
        assert len(subjects()) == 1


def test_health_counts_the_silent_ones(server):
    assert health.inboxes() == {"ok": True, "fetched": 1, "silent": 0}
    with after(11):
        assert health.inboxes() == {"ok": False, "fetched": 1, "silent": 1}

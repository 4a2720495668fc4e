"""What happens once a night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.db import connection

from ahadi.channels import nightly
from ahadi.channels.models import OutgoingMail, RawMessage
from ahadi.ledger import keys, log
from ahadi.ledger.models import Night
from ahadi.lib import clock, store
from ahadi.outbox import jobs
from ahadi.testing import make
from ahadi.tickets import retention, sequencing
from ahadi.tickets.models import Hold, Retention, Words

pytestmark = pytest.mark.django_db

NIGHT = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def place(settings, tmp_path):
    settings.AHADI_FILES = tmp_path
    make.company(time_zone="UTC")


def test_once_a_night_everything_is_recomputed_and_the_root_leaves_the_house():
    make.admin()
    make.ticket()
    sequencing.sequence()

    with clock.at(NIGHT):
        night = nightly.run()
        assert nightly.run() is None

    assert (night.count, night.ended) == (0, NIGHT)
    mail = OutgoingMail.objects.get(subject__contains="everything holds")
    sent = message_from_bytes(bytes(mail.raw), policy=default).get_body(("plain",)).get_content()
    assert log.last().note.splitlines()[2] in sent


def test_before_its_hour_nothing_happens():
    with clock.at(NIGHT.replace(hour=2)):
        assert nightly.run() is None


def test_a_new_house_waits_for_its_first_night():
    with clock.at(NIGHT.replace(hour=11)):
        assert nightly.run() is None


def test_a_night_that_was_slept_through_is_made_up_for_by_day():
    Night.objects.create(day=NIGHT.date() - timedelta(days=3), began=NIGHT, ended=NIGHT)

    with clock.at(NIGHT.replace(hour=11)):
        assert nightly.run() is not None


def test_what_does_not_hold_is_kept_and_told():
    make.admin()
    make.ticket()
    sequencing.sequence()
    keys.remember(10**6, bytes(32))

    with clock.at(NIGHT):
        night = nightly.run()

    assert night.count == 1
    assert night.faults[0][0] == "older_database"
    assert OutgoingMail.objects.filter(subject__contains="does not hold").exists()


def test_a_night_whose_worker_died_is_begun_again():
    Night.objects.create(day=NIGHT.date(), began=NIGHT - timedelta(hours=1))
    with clock.at(NIGHT):
        assert nightly.run() is None

    with clock.at(NIGHT + timedelta(hours=7)):
        assert nightly.run() is not None


def solved(days: int, text: str = "My kettle broke."):
    with clock.at(NIGHT - timedelta(days=days)):
        ticket = make.ticket(text)
        ticket.solve(by=make.agent())
    return ticket


def test_what_is_past_its_term_goes_and_the_rest_stays():
    old, young = solved(100), solved(10)
    Retention.objects.create(kind="solved", days=30)

    with clock.at(NIGHT):
        assert retention.dry_run() == {"solved": 1}
        assert retention.clean() == {"solved": 1}
        assert retention.clean() == {"solved": 0}

    assert not Words.objects.filter(entry__ticket=old, text__contains="kettle").exists()
    assert Words.objects.filter(entry__ticket=young, text__contains="kettle").exists()
    assert list(nightly.faults()) == []


def test_a_dry_run_changes_nothing():
    ticket = solved(100)

    with clock.at(NIGHT):
        assert retention.would_go("solved", 30) == 1

    assert Words.objects.filter(entry__ticket=ticket, text__contains="kettle").exists()


def test_without_a_term_everything_is_kept():
    solved(1_000)

    with clock.at(NIGHT):
        assert retention.clean() == {}


def test_a_hold_keeps_what_is_past_its_term():
    ticket = solved(100)
    Hold.objects.create(customer=ticket.requester, reason="A court asks.", set_by=make.admin())
    Retention.objects.create(kind="solved", days=30)

    with clock.at(NIGHT):
        assert retention.clean() == {"solved": 0}


def test_the_bytes_of_old_mails_go_and_their_words_stay():
    ticket = make.ticket()
    raw = RawMessage.objects.create(
        sha256=store.put(b"From: a@b.example\n\nHello"),
        size=24,
        outcome="ticket",
        entry=ticket.entries.first(),
        message_id="<1@post.example>",
        received=NIGHT - timedelta(days=90),
    )
    Retention.objects.create(kind="raw", days=30)

    with clock.at(NIGHT):
        assert retention.clean() == {"raw": 1}
    jobs.run_due()

    raw.refresh_from_db()
    assert (raw.size, raw.message_id) == (0, "<1@post.example>")
    assert list(store.names()) == []
    assert connection.connection is not None

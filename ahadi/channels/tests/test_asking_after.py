"""Does it still work? Asked once, some days after, and never of somebody who said so already."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ahadi.channels import asking_after
from ahadi.lib import clock
from ahadi.promises import returning
from ahadi.testing import make
from ahadi.tickets import wishes
from ahadi.tickets.intake import Inbound, receive

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.fixture
def solved():
    """A request that was solved on Monday."""
    with clock.at(MONDAY - timedelta(days=1)):
        ticket = make.ticket()
    with clock.at(MONDAY):
        ticket.reply("It is mended.", by=make.agent(), solve=True)
    return ticket


def asked(days):
    with clock.at(MONDAY + timedelta(days=days)):
        return asking_after.ask()


def test_it_is_asked_once_and_only_after_some_days(solved):
    assert [asked(day) for day in (1, 4, 6, 7, 8, 30)] == [0, 0, 1, 0, 0, 0]
    solved.refresh_from_db()
    entry = solved.entries.get(code="asked_after")
    assert entry.automatic
    assert "Still not solved" in entry.words.text
    assert solved.status == "solved"


def test_a_reopened_request_is_not_asked_about(solved):
    with clock.at(MONDAY + timedelta(days=2)):
        receive(Inbound(channel="email", address=solved.address, text="It stops again.", ticket=solved))

    assert asked(6) == 0


def test_who_said_that_it_works_is_left_in_peace(solved):
    with clock.at(MONDAY + timedelta(days=2)):
        returning.say_works(solved, solved.address)

    assert asked(6) == 0


def test_who_wants_mail_only_when_we_are_late_is_left_in_peace(solved):
    with clock.at(MONDAY + timedelta(days=2)):
        wishes.wish(solved, solved.address, {"only_late": True})

    assert asked(6) == 0

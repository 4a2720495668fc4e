"""The contact page tells the truth: who is there, until when, and by when a message is answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ahadi.lib import clock
from ahadi.portal.tests.visits import WEDNESDAY
from ahadi.testing import make

pytestmark = pytest.mark.django_db

THURSDAY_EVENING = datetime(2026, 12, 3, 18, tzinfo=UTC)


def visit(client, at, language="en", zone=""):
    if zone:
        client.cookies["time_zone"] = zone
    with clock.at(at):
        return client.get("/", headers={"accept-language": language}).content.decode()


def test_open_it_says_until_when_and_by_when(client):
    make.company(phone="+44 20 7946 0182")

    shown = visit(client, WEDNESDAY)

    assert "Open now" in shown
    assert "17:00" in shown
    assert "2 December, 12:00" in shown
    assert 'href="tel:+442079460182"' in shown


def test_closed_it_says_when_it_opens_and_by_when(client):
    make.company()

    shown = visit(client, THURSDAY_EVENING)

    assert "Closed now" in shown
    assert "tomorrow 09:00" in shown
    assert "4 December, 11:00" in shown


def test_on_a_holiday_it_says_which(client):
    make.company(holidays={"2026-12-02": "National <b>Day</b>"})

    shown = visit(client, WEDNESDAY)

    assert "Closed for National &lt;b&gt;Day&lt;/b&gt;" in shown
    assert "3 December, 11:00" in shown


def test_times_are_told_by_the_clock_of_the_reader_and_its_place_is_named(client):
    make.company(time_zone="Europe/Berlin")

    company_time = visit(client, WEDNESDAY)
    own_time = visit(client, WEDNESDAY, zone="Asia/Tehran")

    assert "2 December, 13:00" in company_time
    assert "Berlin time" in company_time
    assert "2 December, 15:30" in own_time
    assert "your time (Tehran)" in own_time


def test_a_zone_that_does_not_exist_is_passed_over(client):
    make.company(time_zone="Europe/Berlin")

    assert "Berlin time" in visit(client, WEDNESDAY, zone="Mars/Olympus")


def test_the_first_inbox_is_the_one_address(client):
    make.inbox("hello@marlo.example")

    assert 'href="mailto:hello@marlo.example"' in visit(client, WEDNESDAY)


@pytest.mark.parametrize(
    ("language", "direction"), [("fa", "rtl"), ("he", "rtl"), ("ro", "ltr"), ("sw", "ltr")]
)
def test_it_speaks_the_language_of_the_browser(client, language, direction):
    assert f'lang="{language}" dir="{direction}"' in visit(client, WEDNESDAY, language)


def test_it_costs_few_queries(client, django_assert_max_num_queries):
    visit(client, WEDNESDAY)

    with django_assert_max_num_queries(7):
        visit(client, WEDNESDAY)


def test_weaknesses_have_an_address(client):
    answer = client.get("/.well-known/security.txt")

    assert answer["Content-Type"].startswith("text/plain")
    assert "Contact: mailto:" in answer.content.decode()
    assert "Expires: " in answer.content.decode()


def test_the_wait_is_measured_in_the_same_hour_of_last_week(client):
    mara, last_week = make.agent(), WEDNESDAY - timedelta(days=7)
    for minutes in (10, 20, 40):
        with clock.at(last_week + timedelta(minutes=5)):
            ticket = make.ticket()
        with clock.at(last_week + timedelta(minutes=5 + minutes)):
            ticket.reply("We look at it.", by=mara)

    shown = visit(client, WEDNESDAY + timedelta(minutes=30))

    assert "25 November, 10:00 to 11:00: half of 3 requests were answered within 20 minutes." in shown


def test_where_nobody_asked_or_was_answered_no_wait_is_told(client):
    with clock.at(WEDNESDAY - timedelta(days=7)):
        make.ticket()

    shown = visit(client, WEDNESDAY)

    assert "answered within" not in shown
    assert "answered after" not in shown

"""Nobody answers on holidays and after office hours, and nobody says when somebody will.

Here the page says it before the first word is written, in the reader's own calendar, and it is kept.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ahadi.lib import clock
from ahadi.portal.tests.visits import ask
from ahadi.promises.models import Promise
from ahadi.testing import make
from ahadi.tickets.models import Ticket
from tests.stories import mailbox

pytestmark = pytest.mark.django_db

# Nowruz: the house is closed from Friday 20 March to Thursday 2 April; 2 April is Sizdah Bedar.
CLOSED = {f"2026-03-{day}": "نوروز" for day in range(20, 32)} | {
    "2026-04-01": "نوروز",
    "2026-04-02": "سیزده‌بدر",
}
SIZDAH_BEDAR = datetime(2026, 4, 2, 9, tzinfo=UTC)
SATURDAY_NINE = datetime(2026, 4, 4, 5, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def company():
    week = {day: [["09:00", "17:00"]] for day in ("sat", "sun", "mon", "tue", "wed")}
    make.company(
        time_zone="Asia/Tehran", hours=week, holidays=CLOSED, language="fa", phone="+98 21 9100 0182"
    )
    make.inbox(mailbox.HELP)


def test_asked_on_a_holiday_the_answer_has_a_time_before_and_after_it_is_asked(client):
    with clock.at(SIZDAH_BEDAR):
        contact = client.get("/", headers={"accept-language": "fa"}).content.decode()
    number = ask(
        client,
        at=SIZDAH_BEDAR,
        problem="آسیاب از پنجشنبه فقط دو ثانیه کار می‌کند.",
        email="arash@post.example",
        language="fa",
    )
    with clock.at(SIZDAH_BEDAR):
        asked = client.get(f"/r/{number}/asked/", headers={"accept-language": "fa"}).content.decode()
        confirmation = mailbox.text_of(mailbox.received("arash@post.example")[0])

    # Saturday 15 Farvardin, 11:00 in Tehran, two working hours after the doors open.
    assert "سیزده‌بدر" in contact
    assert "۱۵ فروردین" in contact
    assert "۱۱:۰۰" in contact
    assert "۱۵ فروردین" in asked
    assert "۱۵ فروردین" in confirmation
    assert Ticket.objects.get().due == SATURDAY_NINE + timedelta(hours=2)


def test_what_was_promised_on_the_holiday_is_kept_in_the_morning_after(client):
    number = ask(client, at=SIZDAH_BEDAR, email="arash@post.example")
    ticket = Ticket.objects.get(number=number)

    with clock.at(SATURDAY_NINE + timedelta(minutes=20)):
        ticket.reply("صبح به‌خیر، من مارا هستم.", by=make.agent("مارا"))

    first = Promise.objects.filter(ticket=ticket).earliest("pk")
    assert not first.is_late
    assert first.kept == SATURDAY_NINE + timedelta(minutes=20)


def test_in_the_night_before_the_holiday_nobody_is_promised_an_answer_on_it(client):
    number = ask(client, at=datetime(2026, 3, 18, 13, 0, tzinfo=UTC), email="arash@post.example")

    # Wednesday 16:30 in Tehran: half an hour is left, the rest falls on the first day after.
    assert Ticket.objects.get(number=number).due == SATURDAY_NINE + timedelta(minutes=90)

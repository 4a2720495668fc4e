"""Is anybody there? On Friday evening the answer is another one in Tehran than in Tel Aviv.

The page tells it in the visitor's own language, calendar and clock, and never promises a closed day.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ahadi.lib import clock
from ahadi.testing import make

pytestmark = pytest.mark.django_db

FRIDAY_EVENING = datetime(2026, 12, 4, 16, tzinfo=UTC)
NOWRUZ_EVE = datetime(2027, 3, 19, 8, tzinfo=UTC)


def visit(client, at, language, zone):
    client.cookies["time_zone"] = zone
    with clock.at(at):
        return client.get("/", headers={"accept-language": language}).content.decode()


def test_in_tehran_friday_is_the_day_off_and_saturday_the_first_of_the_week(client):
    week = {day: [["08:00", "16:00"]] for day in ("sat", "sun", "mon", "tue", "wed")}
    make.company(time_zone="Asia/Tehran", hours=week, language="fa", phone="+98 21 9100 0182")

    shown = visit(client, FRIDAY_EVENING, "fa", "Asia/Tehran")

    # Saturday 14 Azar, two hours after eight.
    assert "شنبه" in shown
    assert "۱۴ آذر" in shown
    assert "۱۰:۰۰" in shown
    assert 'dir="rtl"' in shown


def test_in_tel_aviv_it_opens_on_sunday(client):
    week = {day: [["09:00", "18:00"]] for day in ("sun", "mon", "tue", "wed", "thu")}
    make.company(time_zone="Asia/Jerusalem", hours=week, language="he", phone="+972 3 910 0182")

    shown = visit(client, FRIDAY_EVENING, "he", "Asia/Jerusalem")

    assert "יום ראשון" in shown
    assert "6 בדצמבר" in shown
    assert "11:00" in shown


def test_seen_from_elsewhere_the_same_moment_is_told_by_the_visitors_clock(client):
    week = {day: [["08:00", "16:00"]] for day in ("sat", "sun", "mon", "tue", "wed")}
    make.company(time_zone="Asia/Tehran", hours=week, language="fa")

    shown = visit(client, FRIDAY_EVENING, "en", "Europe/London")

    # Ten in Tehran is half past six in London.
    assert "5 December, 06:30" in shown
    assert "London" in shown


def test_on_nowruz_the_holiday_is_named_and_the_first_day_after_it(client):
    week = {day: [["08:00", "16:00"]] for day in ("sat", "sun", "mon", "tue", "wed", "thu")}
    closed = {f"2027-03-{day}": "نوروز" for day in range(19, 32)} | {"2027-04-01": "نوروز"}
    make.company(time_zone="Asia/Tehran", hours=week, holidays=closed, language="fa", phone="+98 21 91")

    shown = visit(client, NOWRUZ_EVE, "fa", "Asia/Tehran")

    assert "نوروز" in shown
    assert "۱۴ فروردین" in shown

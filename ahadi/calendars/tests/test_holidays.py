"""Suggested holidays of the countries whose languages are spoken here."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest

from ahadi.calendars import Calendar, CalendarError
from ahadi.calendars.holidays import country_of, suggest, unconfirmed

SHARED = Path(os.environ.get("AHADI_SHARED", Path(__file__).resolve().parents[4] / "shared"))
TABLE = SHARED / "data" / "calendar" / "holidays-2024-2028.jsonl"


@pytest.mark.parametrize(
    ("country", "language", "day", "name"),
    [
        ("RO", "ro", date(2026, 12, 1), "Ziua Națională a României"),
        ("ro", "en", date(2026, 12, 1), "National Day"),
        ("IR", "fa", date(2026, 3, 21), "نوروز"),
        ("IL", "he", date(2026, 4, 2), "פסח"),
        ("TZ", "sw", date(2026, 12, 9), "Uhuru"),
        ("DE", "fa", date(2026, 1, 1), "New Year's Day"),
        ("GB", "en-gb", date(2026, 12, 25), "Christmas Day"),
    ],
)
def test_holidays_are_named_in_the_language_or_else_in_english(country, language, day, name):
    found = suggest(country, [2026], language)

    assert name in found[day]
    assert list(found) == sorted(found)


def test_a_country_without_a_list_is_refused():
    with pytest.raises(CalendarError, match="XX"):
        suggest("XX", [2026], "en")


@pytest.mark.parametrize(
    ("confirmed", "today", "year"),
    [
        ([], date(2026, 5, 1), 2026),
        (["2026-03-21"], date(2026, 9, 30), None),
        (["2026-03-21"], date(2026, 10, 1), 2027),
        (["2026-03-21", "2027-03-21"], date(2026, 12, 31), None),
        # What stands for every year says nothing about feasts that move.
        (["--12-25"], date(2026, 5, 1), 2026),
    ],
)
def test_every_year_is_asked_for_once(confirmed, today, year):
    assert unconfirmed(confirmed, today) == year


def test_a_clock_names_its_country():
    names = [country_of(zone) for zone in ("Asia/Tehran", "Asia/Jerusalem", "Europe/Bucharest", "UTC")]

    assert names == ["IR", "IL", "RO", ""]


def test_a_confirmed_suggestion_fits_into_a_calendar():
    names = {str(day): name for day, name in suggest("RO", [2026, 2027], "ro").items()}

    calendar = Calendar.from_dict(
        {"timezone": "Europe/Bucharest", "hours": {"tue": [["09:00", "17:00"]]}, "holidays": names}
    )

    assert calendar.holidays[date(2026, 12, 1)] == names["2026-12-01"]


@pytest.mark.skipif(not TABLE.exists(), reason=f"the table {TABLE} is not on this machine")
def test_the_dates_of_the_table_are_suggested():
    rows = [json.loads(line) for line in TABLE.read_text().splitlines()]

    for country in {row["country"] for row in rows}:
        expected = {date.fromisoformat(row["date"]) for row in rows if row["country"] == country}
        assert expected == set(suggest(country, range(2024, 2029), "en"))

"""The tables of other programs and of the guide, to the second."""

from __future__ import annotations

import json
import os
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ahadi.calendars import Calendar

SHARED = Path(os.environ.get("AHADI_SHARED", Path(__file__).resolve().parents[4] / "shared"))
TABLE = SHARED / "data" / "biztime" / "cases.jsonl"
CASES = [json.loads(line) for line in TABLE.read_text().splitlines()] if TABLE.exists() else []

WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ROUND_THE_CLOCK = {day: [["00:00", "24:00"]] for day in WEEK}
BUCHAREST = {
    "timezone": "Europe/Bucharest",
    "hours": {day: [["09:00", "17:00"]] for day in WEEK[:5]},
    "holidays": {"2026-12-01": "Ziua Națională"},
}
BUCHAREST_ALWAYS = {"timezone": "Europe/Bucharest", "hours": ROUND_THE_CLOCK}
TEHRAN = {
    "timezone": "Asia/Tehran",
    "hours": {
        **{day: [["08:00", "16:00"]] for day in ("sat", "sun", "mon", "tue", "wed")},
        "thu": [["08:00", "12:00"]],
    },
}
JERUSALEM = {
    "timezone": "Asia/Jerusalem",
    "hours": {day: [["09:00", "18:00"]] for day in ("sun", "mon", "tue", "wed", "thu")},
}
NIGHTS = {"timezone": "Europe/Bucharest", "hours": {"mon": [["22:00", "06:00"]], "tue": [["22:00", "06:00"]]}}
CLOSED_60_DAYS = {
    **BUCHAREST,
    "holidays": [str(date(2026, 3, 2) + timedelta(days=count)) for count in range(60)],
}

# 23 November 2026 is a Monday.
VECTORS = [
    (BUCHAREST, "2026-11-20 16:00", 2 * 3600, "2026-11-23 10:00"),
    (BUCHAREST, "2026-11-20 16:00:30", 2 * 3600, "2026-11-23 10:00:30"),
    (BUCHAREST, "2026-11-21 12:00", 3600, "2026-11-23 10:00"),
    (BUCHAREST, "2026-11-23 17:00:00", 60, "2026-11-24 09:01"),
    (BUCHAREST, "2026-11-23 08:59:59", 8 * 3600, "2026-11-23 17:00"),
    (BUCHAREST, "2026-11-30 16:30", 3600, "2026-12-02 09:30"),
    (BUCHAREST_ALWAYS, "2026-10-24 23:30", 6 * 3600, "2026-10-25 04:30"),
    (BUCHAREST_ALWAYS, "2027-03-27 23:30", 6 * 3600, "2027-03-28 06:30"),
    (TEHRAN, "2026-11-26 11:30", 3600, "2026-11-28 08:30"),
    (JERUSALEM, "2026-11-26 17:30", 3600, "2026-11-29 09:30"),
    (NIGHTS, "2026-11-23 23:00", 8 * 3600, "2026-11-24 23:00"),
    (CLOSED_60_DAYS, "2026-02-27 17:00", 900, "2026-05-01 09:15"),
]


@pytest.mark.skipif(not CASES, reason=f"the table {TABLE} is not on this machine")
def test_every_case_of_other_programs_agrees_to_the_second():
    wrong = [case["id"] for case in CASES if answer(case) != expected(case)]

    assert len(CASES) == 62
    assert wrong == []


@pytest.mark.parametrize(("source", "start", "seconds", "due"), VECTORS)
def test_the_vectors_of_the_guide_hold(source, start, seconds, due):
    calendar = Calendar.from_dict(source)
    zone = ZoneInfo(source["timezone"])
    begun = datetime.fromisoformat(start).replace(tzinfo=zone)

    found = calendar.add(begun, seconds)

    assert found.astimezone(zone).replace(tzinfo=None) == datetime.fromisoformat(due)
    assert calendar.between(begun, found) == seconds


def answer(case):
    calendar = Calendar.from_dict(case["calendar"])
    if case["op"] == "add":
        return calendar.add(moment(case["start"]), case["seconds"])
    elif case["op"] == "between":
        return calendar.between(moment(case["start"]), moment(case["end"]))
    elif case["op"] == "is_open":
        return calendar.is_open(moment(case["at"]))
    else:
        end = moment(case["expected"][-1][1])
        return list(calendar.periods(moment(case["start"]), end))


def expected(case):
    value = case["expected"]
    if case["op"] == "add":
        return moment(value)
    elif case["op"] == "periods":
        return [(moment(start), moment(end)) for start, end in value]
    else:
        return value


def moment(text):
    return datetime.fromisoformat(text)

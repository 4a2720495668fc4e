"""What a calendar answers at its edges: nights, holidays, clock changes, closures without end."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ahadi.calendars import Calendar, CalendarError
from ahadi.calendars.days import clock_changes

WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
OFFICE = {day: [["09:00", "17:00"]] for day in WEEK[:5]}
ALWAYS = {day: [["00:00", "24:00"]] for day in WEEK}


def calendar(hours=OFFICE, timezone="UTC", **more):
    return Calendar.from_dict({"timezone": timezone, "hours": hours, **more})


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ({"timezone": "UTC", "hours": {}}, "hours"),
        ({"timezone": "UTC"}, "hours"),
        ({"timezone": "Mars/Olympus", "hours": OFFICE}, "timezone"),
        ({"timezone": "../../etc/passwd", "hours": OFFICE}, "timezone"),
        ({"timezone": "America", "hours": OFFICE}, "timezone"),
        ({"hours": OFFICE}, "timezone"),
        ({"timezone": "UTC", "hours": {"monday": [["09:00", "17:00"]]}}, "hours"),
        ({"timezone": "UTC", "hours": {"mon": [["09:00", "12:00"], ["11:00", "17:00"]]}}, "hours.mon"),
        ({"timezone": "UTC", "hours": {"mon": [["17:00", "09:00"], ["10:00", "18:00"]]}}, "hours.mon"),
        (
            {"timezone": "UTC", "hours": {"sun": [["22:00", "06:00"]], "mon": [["05:00", "17:00"]]}},
            "hours.sun",
        ),
        ({"timezone": "UTC", "hours": {"mon": [["09:00", "09:00"]]}}, "hours.mon"),
        ({"timezone": "UTC", "hours": {"mon": [["09:00", "24:01"]]}}, "hours.mon"),
        ({"timezone": "UTC", "hours": {"mon": [["09:60", "17:00"]]}}, "hours.mon"),
        ({"timezone": "UTC", "hours": {"mon": [["24:00", "17:00"]]}}, "hours.mon"),
        ({"timezone": "UTC", "hours": {"mon": [["9am", "5pm"]]}}, "hours.mon"),
        ({"timezone": "UTC", "hours": {"mon": [["09:00"]]}}, "hours.mon"),
        ({"timezone": "UTC", "hours": {"mon": [[9, 17]]}}, "hours.mon"),
        ({"timezone": "UTC", "hours": {"mon": "09:00-17:00"}}, "hours.mon"),
        ({"timezone": "UTC", "hours": [["09:00", "17:00"]]}, "hours"),
        ({"timezone": "UTC", "hours": OFFICE, "holidays": ["2026-02-30"]}, "holidays"),
        ({"timezone": "UTC", "hours": OFFICE, "holidays": ["--02-30"]}, "holidays"),
        ({"timezone": "UTC", "hours": OFFICE, "holidays": ["9999-01-01"]}, "holidays"),
        ({"timezone": "UTC", "hours": OFFICE, "holidays": "2026-12-01"}, "holidays"),
        ({"timezone": "UTC", "hours": OFFICE, "holidays": {"2026-12-01": 7}}, "holidays.2026-12-01"),
        ({"timezone": "UTC", "hours": OFFICE, "shifts": ["2026-12-01"]}, "shifts"),
        ({"timezone": "UTC", "hours": OFFICE, "shifts": {"soon": []}}, "shifts"),
        ({"timezone": "UTC", "hours": {}, "shifts": {"2026-12-01": []}}, "hours"),
        ({"timezone": "UTC", "hours": OFFICE, "breaks": {"2026-12-01": [["12", "13"]]}}, "breaks.2026-12-01"),
        ([], "calendar"),
    ],
)
def test_what_cannot_be_a_calendar_is_refused_in_one_sentence_with_its_place(source, place):
    with pytest.raises(CalendarError) as refused:
        Calendar.from_dict(source)

    assert refused.value.place == place
    assert str(refused.value).startswith(f"{place}: ")
    assert str(refused.value).endswith(".")
    assert "\n" not in str(refused.value)


def test_holidays_on_every_date_leave_nothing_open_and_are_refused():
    leap_year = [date(2024, 1, 1) + timedelta(days=count) for count in range(366)]

    with pytest.raises(CalendarError, match="no open moment"):
        calendar(holidays=[f"--{day:%m-%d}" for day in leap_year])


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        calendar().is_open(datetime.fromisoformat("2026-11-23 12:00"))


def test_a_night_is_the_same_whether_written_over_midnight_or_split_at_it():
    over = calendar({"mon": [["22:00", "06:00"]]}, holidays={"2026-11-24": "Tuesday off"})
    split = calendar({"mon": [["22:00", "24:00"]], "tue": [["00:00", "06:00"]]}, holidays=["2026-11-24"])

    for start in ("2026-11-16 12:00", "2026-11-23 23:00"):
        for hours in (1, 8, 9, 30):
            assert over.add(utc(start), hours * 3600) == split.add(utc(start), hours * 3600)


def test_hours_until_midnight_may_be_written_with_either_midnight():
    assert calendar({"mon": [["22:00", "00:00"]]}).next_closing(utc("2026-11-23 23:00")) == utc("2026-11-24")
    assert calendar({"mon": [["22:00", "24:00"]]}).next_closing(utc("2026-11-23 23:00")) == utc("2026-11-24")


def test_a_night_begun_on_sunday_reaches_into_monday():
    nights = calendar({"sun": [["22:00", "06:00"]], "mon": [["06:00", "08:00"]]})

    assert nights.is_open(utc("2026-11-23 05:59:59"))
    assert nights.next_closing(utc("2026-11-22 22:00")) == utc("2026-11-23 08:00")


def test_a_shift_replaces_the_hours_of_its_date_with_the_night_it_begins():
    nights = calendar(
        {day: [["22:00", "06:00"]] for day in WEEK}, shifts={"2026-12-24": [["18:00", "20:00"]]}
    )

    assert nights.is_open(utc("2026-12-24 05:00"))
    assert nights.next_closing(utc("2026-12-24 12:00")) == utc("2026-12-24 20:00")
    assert nights.next_opening(utc("2026-12-24 20:00")) == utc("2026-12-25 22:00")


def test_a_holiday_names_why_it_is_closed_and_an_evening_does_not():
    office = calendar(holidays={"2026-12-01": "National Day", "--12-25": "Christmas Day"})

    assert office.closed_because(utc("2026-12-01 12:00")) == "National Day"
    assert office.closed_because(utc("2031-12-25 12:00")) == "Christmas Day"
    assert office.closed_because(utc("2026-12-02 12:00")) is None
    assert office.closed_because(utc("2026-12-02 20:00")) is None
    assert calendar(holidays=["2026-12-01"]).closed_because(utc("2026-12-01 12:00")) == ""


def test_a_part_holiday_stays_open_for_its_own_hours():
    office = calendar(holidays={"2026-12-24": {"name": "Christmas Eve", "open": [["09:00", "12:00"]]}})

    assert office.closed_because(utc("2026-12-24 11:00")) is None
    assert office.closed_because(utc("2026-12-24 13:00")) == "Christmas Eve"
    assert office.add(utc("2026-12-24 11:00"), 2 * 3600) == utc("2026-12-25 10:00")


def test_a_holiday_wins_over_a_shift_on_its_date():
    office = calendar(holidays=["2026-12-01"], shifts={"2026-12-01": [["10:00", "12:00"]]})

    assert not office.is_open(utc("2026-12-01 11:00"))


def test_29_february_is_a_holiday_of_leap_years_only():
    always = calendar(ALWAYS, holidays={"--02-29": "Leap day"})

    assert always.next_closing(utc("2097-01-01")) == utc("2104-02-29")
    assert always.next_opening(utc("2028-02-29 12:00")) == utc("2028-03-01")


def test_what_never_closes_has_no_closing():
    assert calendar(ALWAYS, "Europe/Bucharest").next_closing(utc("2026-11-23")) is None
    assert calendar(ALWAYS, holidays=["2150-01-01"]).next_closing(utc("2026-11-23")) == utc("2150-01-01")
    assert calendar(ALWAYS, holidays=["2020-01-01"]).next_closing(utc("2026-11-23")) is None


def test_what_never_opens_again_has_no_opening_and_no_sum():
    fair = calendar({}, shifts={"2026-11-23": [["09:00", "17:00"]]})

    assert fair.add(utc("2020-01-01"), 3600) == utc("2026-11-23 10:00")
    assert fair.add(utc("2030-01-01"), -3600) == utc("2026-11-23 16:00")
    assert fair.next_opening(utc("2026-11-23 17:00")) is None
    assert fair.next_closing(utc("2026-11-24")) is None
    assert fair.between(utc("2020-01-01"), utc("2030-01-01")) == 8 * 3600
    for seconds in (9 * 3600, -3600):
        with pytest.raises(CalendarError, match="open seconds"):
            fair.add(utc("2026-11-23 08:00"), seconds)


def test_fractions_of_a_second_are_kept_and_whole_seconds_are_told():
    office = calendar()
    start = utc("2026-11-20 16:59:59.250000")

    due = office.add(start, 1)

    assert due == utc("2026-11-23 09:00:00.250000")
    assert office.between(start, due) == 1
    assert office.between(due, start) == -1
    assert office.between(start, due - timedelta(microseconds=1)) == 0
    assert office.between(due - timedelta(microseconds=1), start) == 0


def test_a_day_with_a_clock_change_has_the_hours_that_really_pass():
    always = calendar(ALWAYS, "Europe/Bucharest")
    zone = ZoneInfo("Europe/Bucharest")

    for day, hours in ((date(2026, 10, 25), 25), (date(2027, 3, 28), 23), (date(2026, 11, 23), 24)):
        start = datetime(day.year, day.month, day.day, tzinfo=zone)
        assert always.between(start, start + timedelta(days=1)) == hours * 3600


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Pacific/Apia", "2011-12-30"),  # a date that was left out
        ("Asia/Beirut", "2026-03-29"),  # midnight is left out
        ("America/St_Johns", "2006-10-29"),  # one minute past midnight comes twice
        ("Africa/Casablanca", "2026-02-15"),
        ("Africa/Monrovia", "1972-01-07"),  # 44 minutes 30 seconds
        ("Australia/Lord_Howe", "2026-04-05"),  # half an hour
        ("Antarctica/Troll", "2026-03-29"),  # two hours
    ],
)
def test_around_the_clock_nothing_is_lost_or_counted_twice_in_odd_zones(zone, day):
    always = calendar(ALWAYS, zone)
    start = utc(day) - timedelta(days=3)

    for hours in range(6 * 24):
        passed = start + timedelta(hours=hours)
        assert always.between(start, passed) == hours * 3600
        assert always.add(start, hours * 3600) == passed
        assert always.is_open(passed)


def test_periods_join_over_midnight_and_are_cut_at_both_ends():
    found = list(calendar(ALWAYS, "Europe/Bucharest").periods(utc("2026-10-20"), utc("2026-10-30 12:00")))

    assert found == [(utc("2026-10-20"), utc("2026-10-30 12:00"))]
    assert list(calendar().periods(utc("2026-11-21"), utc("2026-11-23 09:00"))) == []
    assert list(calendar().periods(utc("2026-11-24"), utc("2026-11-23"))) == []


def test_ten_years_of_open_time_and_years_of_closure_are_quick():
    closed = [str(date(2027, 1, 1) + timedelta(days=count)) for count in range(5 * 365)]
    ten_years = 10 * 365 * 8 * 3600
    holidays = [f"--{month:02}-01" for month in range(1, 13)]

    begun = time.perf_counter()
    calendar(timezone="America/Sao_Paulo", holidays=holidays).add(utc("2026-11-23"), ten_years)
    calendar(holidays=closed).add(utc("2026-12-31 17:00"), 900)
    calendar().between(utc("1990-01-01"), utc("2090-01-01"))
    took = time.perf_counter() - begun

    # About 15 ms on a small machine; the rest is room for busy ones.
    assert took < 0.5


def test_a_target_beyond_all_calendars_is_refused_not_searched_for_ever():
    with pytest.raises(CalendarError):
        calendar().add(utc("2026-11-23"), 10**12)
    with pytest.raises(CalendarError):
        calendar().add(utc("2026-11-23"), -(10**12))
    with pytest.raises(CalendarError, match="too far"):
        calendar().is_open(datetime.max.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    "zone", ["Europe/Bucharest", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Jerusalem"]
)
def test_clock_changes_of_far_years_are_those_of_their_rules(zone):
    for year in (2101, 2104, 2200, 2300, 2399, 2400, 5004, 9990):
        midnights = [
            datetime(year, 1, 1, tzinfo=ZoneInfo(zone)) + timedelta(days=count) for count in range(366)
        ]
        changed = [
            day.toordinal() for day in midnights if day.utcoffset() != (day + timedelta(days=1)).utcoffset()
        ]

        assert clock_changes(ZoneInfo(zone), year) == changed

"""Every profile counted by hand, on calendars where a day can go wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahadi.calendars import Calendar
from ahadi.complaints.profiles import PROFILES, Stage
from ahadi.complaints.terms import SATURDAY_SUNDAY, Term, Unit, end

WEEK = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def calendar(zone, **holidays):
    return Calendar.from_dict({"timezone": zone, "hours": WEEK, "holidays": holidays.get("holidays", {})})


def decided(profile, start, where, *, longest=False):
    found = PROFILES[profile]
    step = found.step(Stage.DECISION)
    last = end(found.longest if longest else step.term, start, where, found.weekend)
    return last.astimezone(where.zone).strftime("%Y-%m-%d %H:%M:%S")


def date_of(year):
    return datetime(year, 1, 1)  # noqa: DTZ001 - hypothesis wants it without a zone


LONDON = calendar("Europe/London", holidays={"2026-12-25": "Christmas", "2026-12-28": "Boxing Day"})
BUCHAREST = calendar("Europe/Bucharest", holidays={"2026-12-01": "National Day"})
TEHRAN = calendar("Asia/Tehran")
NAIROBI = calendar("Africa/Nairobi")


DECISIONS = [
    # Eight weeks are fifty-six days, whatever holidays lie between.
    ("uk_fca", "2026-11-23T10:00:00+00:00", LONDON, "2027-01-18 23:59:59"),
    # Fifteen working days over Christmas: 25 and 28 December and the week-ends do not count.
    ("uk_fca_payments", "2026-12-14T09:00:00+00:00", LONDON, "2027-01-06 23:59:59"),
    ("eu_psd2", "2026-11-30T08:00:00+02:00", BUCHAREST, "2026-12-22 23:59:59"),
    # Thirty days from registration; 22 November at 23:30 in London is 23 November in Bucharest.
    ("ro_og_27_2002", "2026-11-22T10:00:00+02:00", BUCHAREST, "2026-12-22 23:59:59"),
    ("ro_og_27_2002", "2026-11-22T23:30:00+00:00", BUCHAREST, "2026-12-23 23:59:59"),
    ("es_10_2025", "2026-11-20T12:00:00+02:00", BUCHAREST, "2026-12-14 23:59:59"),
    ("ir_agency", "2026-03-15T09:00:00+03:30", TEHRAN, "2026-03-25 23:59:59"),
    ("ir_standard", "2026-03-15T09:00:00+03:30", TEHRAN, "2026-04-04 23:59:59"),
    ("tz_tcra", "2026-02-01T09:00:00+03:00", NAIROBI, "2026-03-03 23:59:59"),
    # A month from 31 January ends on the last day of February.
    ("gdpr", "2027-01-31T09:00:00+02:00", BUCHAREST, "2027-02-28 23:59:59"),
    ("gdpr", "2028-01-31T09:00:00+02:00", BUCHAREST, "2028-02-29 23:59:59"),
    ("ke_ca", "2026-11-22T09:00:00+03:00", NAIROBI, "2026-12-22 23:59:59"),
    ("iso_10002", "2026-12-31T09:00:00+00:00", LONDON, "2027-01-31 23:59:59"),
    ("il_57", "2026-11-22T09:00:00+02:00", BUCHAREST, "2026-12-22 23:59:59"),
    # Ten days whatever they are, over Saint Andrew's and the National Day.
    ("ro_544_2001", "2026-11-24T16:59:00+02:00", BUCHAREST, "2026-12-04 23:59:59"),
    # A week that Friday does not make longer.
    ("ir_shops", "2026-11-26T23:59:00+03:30", TEHRAN, "2026-12-03 23:59:59"),
    # A month before a short one, and the day on which clocks go forward in London.
    ("iso_10002", "2027-02-28T12:00:00+00:00", LONDON, "2027-03-28 23:59:59"),
]


@pytest.mark.parametrize(("profile", "start", "where", "last"), DECISIONS)
def test_the_last_moment_for_a_decision(profile, start, where, last):
    assert decided(profile, datetime.fromisoformat(start), where) == last


@pytest.mark.parametrize(
    ("profile", "start", "where", "last"),
    [
        ("ro_og_27_2002", "2026-11-22T10:00:00+02:00", BUCHAREST, "2027-01-06 23:59:59"),
        ("eu_psd2", "2026-11-02T08:00:00+02:00", BUCHAREST, "2026-12-22 23:59:59"),
        ("uk_fca_payments", "2026-11-02T08:00:00+00:00", LONDON, "2026-12-21 23:59:59"),
        ("gdpr", "2026-11-30T09:00:00+02:00", BUCHAREST, "2027-02-28 23:59:59"),
        ("ro_544_2001", "2026-11-24T09:00:00+02:00", BUCHAREST, "2026-12-24 23:59:59"),
    ],
)
def test_the_longest_that_a_letter_may_gain(profile, start, where, last):
    assert decided(profile, datetime.fromisoformat(start), where, longest=True) == last


@pytest.mark.parametrize(
    ("profile", "stage", "start", "where", "last"),
    [
        # The third business day after a Wednesday before Christmas: the 24th, the 29th and the 30th.
        ("uk_fca", Stage.EARLY, "2026-12-23T17:00:00+00:00", LONDON, "2026-12-30 23:59:59"),
        ("uk_fca_payments", Stage.EARLY, "2026-11-20T09:00:00+00:00", LONDON, "2026-11-25 23:59:59"),
        ("ro_og_27_2002", Stage.FORWARD, "2026-11-28T09:00:00+02:00", BUCHAREST, "2026-12-03 23:59:59"),
        ("ro_544_2001", Stage.FORWARD, "2026-11-28T09:00:00+02:00", BUCHAREST, "2026-12-03 23:59:59"),
        # Promptly: the day it came, until its midnight.
        ("ke_ca", Stage.ACKNOWLEDGEMENT, "2026-11-22T23:58:00+03:00", NAIROBI, "2026-11-22 23:59:59"),
    ],
)
def test_the_last_moment_of_the_other_stages(profile, stage, start, where, last):
    found = PROFILES[profile]

    moment = end(found.step(stage).term, datetime.fromisoformat(start), where, found.weekend)

    assert moment.astimezone(where.zone).strftime("%Y-%m-%d %H:%M:%S") == last


def test_every_profile_is_counted_by_hand_here():
    assert {row[0] for row in DECISIONS} == set(PROFILES)


def test_six_minutes_and_three_hours_run_through_the_night():
    start = datetime(2026, 11, 22, 23, 58, tzinfo=UTC)
    found = PROFILES["il_57"]

    assert end(found.step(Stage.HUMAN).term, start, BUCHAREST) == start + timedelta(minutes=6)
    assert end(found.step(Stage.CALL_BACK).term, start, BUCHAREST) == start + timedelta(hours=3)


def test_a_friday_is_no_working_day_in_iran_and_a_sunday_is_one():
    thursday = datetime(2026, 11, 19, 9, tzinfo=TEHRAN.zone)

    last = end(Term(1, Unit.WORKING_DAYS), thursday, TEHRAN, PROFILES["ir_agency"].weekend)

    assert last.astimezone(TEHRAN.zone).date() == date(2026, 11, 21)


def test_a_holiday_on_half_a_day_is_a_working_day():
    half = calendar(
        "Europe/Bucharest", holidays={"2026-12-24": {"name": "Eve", "open": [["09:00", "12:00"]]}}
    )

    last = end(Term(1, Unit.WORKING_DAYS), datetime(2026, 12, 23, 9, tzinfo=half.zone), half)

    assert last.astimezone(half.zone).date() == date(2026, 12, 24)


def test_the_day_ends_at_its_own_midnight_when_the_clocks_change():
    # On 25 October 2026 Bucharest goes back an hour at four in the morning.
    last = end(Term(0, Unit.DAYS), datetime(2026, 10, 25, 1, tzinfo=BUCHAREST.zone), BUCHAREST)

    assert last == datetime(2026, 10, 25, 21, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.code)
def test_every_profile_is_whole(profile):
    assert profile.source
    assert profile.step(Stage.ACKNOWLEDGEMENT)
    assert profile.step(Stage.DECISION)
    assert profile.longest is None or profile.longest.amount > profile.step(Stage.DECISION).term.amount


@given(
    start=st.datetimes(date_of(2000), date_of(2090)),
    amount=st.integers(0, 400),
    unit=st.sampled_from([Unit.DAYS, Unit.WORKING_DAYS, Unit.WEEKS, Unit.MONTHS]),
)
def test_more_time_is_never_less(start, amount, unit):
    begun = start.replace(tzinfo=UTC)
    shorter, longer = (
        end(Term(size, unit), begun, BUCHAREST, SATURDAY_SUNDAY) for size in (amount, amount + 1)
    )

    assert begun <= shorter < longer or (amount == 0 and shorter >= begun - timedelta(days=1))
    assert (shorter + timedelta(seconds=1)).astimezone(BUCHAREST.zone).hour == 0

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahadi.calendars import Calendar, CalendarError
from ahadi.calendars.year import months, weekdays

OFFICE = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
LONGER = {day: [["08:00", "20:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat")}
NIGHTS = {day: [["22:00", "06:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


def calendar(*changes, hours=OFFICE, **more):
    plan = {
        "timezone": "Europe/Bucharest",
        "hours": hours,
        "changes": [{"from": day, "hours": week} for day, week in changes],
    }
    return Calendar.from_dict({**plan, **more})


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=calendar().zone)


def test_another_week_holds_from_its_day_on():
    changed = calendar(("2027-01-04", LONGER))

    # Friday 16:00 and three hours more: one that day, two on Monday from eight.
    assert changed.add(at("2027-01-01T16:00"), 3 * 3600) == at("2027-01-04T10:00")
    assert calendar().add(at("2027-01-01T16:00"), 3 * 3600) == at("2027-01-04T11:00")


def test_a_night_that_began_in_the_old_week_ends_in_the_new_one():
    changed = calendar(("2027-01-06", OFFICE), hours=NIGHTS)

    assert changed.is_open(at("2027-01-06T05:00"))
    assert not changed.is_open(at("2027-01-06T06:00"))
    assert changed.between(at("2027-01-05T00:00"), at("2027-01-07T00:00")) == (6 + 2 + 6 + 8) * 3600


def test_a_house_that_closes_for_good_is_open_before():
    changed = calendar(
        ("2027-06-01", {}), holidays={"2027-12-24": {"name": "Fair", "open": [["09:00", "10:00"]]}}
    )

    assert changed.is_open(at("2027-05-31T10:00"))
    assert changed.next_opening(at("2027-06-01T09:00")) == at("2027-12-24T09:00")
    assert changed.next_opening(at("2027-12-25T09:00")) is None


@pytest.mark.parametrize(
    "changes", [[("2027-02-30", OFFICE)], [("2027-01-01", OFFICE), ("2027-01-01", LONGER)]]
)
def test_changes_that_cannot_be_are_refused(changes):
    with pytest.raises(CalendarError, match="changes"):
        calendar(*changes)


WEEKS = st.sampled_from([OFFICE, LONGER, NIGHTS, {}])
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31)).map(str)


@given(
    st.lists(st.tuples(DAYS, WEEKS), max_size=4, unique_by=lambda pair: pair[0]),
    st.integers(0, 1_000),
    st.integers(1, 500),
)
def test_adding_and_measuring_agree_over_every_change(changes, start, hours):
    changed = calendar(*changes, ("2029-01-01", OFFICE))
    begin = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=start * 20)

    due = changed.add(begin, hours * 3600)

    assert changed.between(begin, due) == hours * 3600
    assert changed.between(begin, due - timedelta(seconds=1)) < hours * 3600


@given(st.lists(st.tuples(DAYS, WEEKS), max_size=4, unique_by=lambda pair: pair[0]))
def test_a_year_adds_up_day_by_day(changes):
    changed = calendar(*changes, ("2029-01-01", OFFICE))
    start = datetime(2026, 12, 20, tzinfo=UTC)
    days = [start + timedelta(days=count) for count in range(400)]

    whole = changed.between(days[0], days[-1])

    assert whole == sum(changed.between(one, one + timedelta(days=1)) for one in days[:-1])


def test_a_year_is_drawn_day_by_day_with_its_reasons():
    drawn = calendar(
        holidays={"2027-12-01": "National Day", "2027-12-24": {"name": "Eve", "open": [["09:00", "12:00"]]}}
    )

    december = months(drawn, 2027, "en")[11]

    first, eve, saturday = december.days[0], december.days[23], december.days[3]
    assert (first.kind, first.name, first.spans) == ("closed", "National Day", "")
    assert (eve.kind, eve.name, eve.spans) == ("part", "Eve", "09:00–12:00")
    assert (saturday.kind, saturday.hours) == ("free", 0)
    assert december.days[1].spans == "09:00–17:00"
    # The first of December 2027 is a Wednesday: two days of the week stand before it.
    assert december.before == 2


def test_a_persian_year_is_twelve_persian_months():
    tehran = Calendar.from_dict(
        {
            "timezone": "Asia/Tehran",
            "hours": {day: [["08:00", "16:00"]] for day in ("sat", "sun", "mon", "tue", "wed")},
            "holidays": {"2027-03-21": "نوروز"},
        }
    )

    year = months(tehran, 1406, "fa")

    assert len(year) == 12
    assert (year[0].name, len(year[0].days)) == ("فروردین", 31)
    assert (year[0].days[0].day, year[0].days[0].kind) == (date(2027, 3, 21), "closed")


def test_a_week_begins_where_its_readers_begin_it():
    assert [letter for letter, _name in weekdays("en")] == list("MTWTFSS")
    assert weekdays("fa")[0] == ("ش", "شنبه")
    assert weekdays("he")[0][1] == "יום ראשון"

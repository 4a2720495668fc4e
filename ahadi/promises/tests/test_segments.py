from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ahadi.calendars import Calendar
from ahadi.promises.segments import Rest, Rule, count

WEEK = {
    "timezone": "Europe/Bucharest",
    "hours": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
}
CALENDAR = Calendar.from_dict(WEEK)
LONG_DAYS = Calendar.from_dict({**WEEK, "hours": {day: [["08:00", "20:00"]] for day in WEEK["hours"]}})
# A Wednesday, nine o'clock in Bucharest.
START = datetime(2026, 12, 2, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)
FOUR = [Rule(START, CALENDAR, 4 * 3600, 1)]


def test_a_clock_without_a_rest_is_due_when_its_time_is_over():
    clock = count(START, None, FOUR, [], START + HOUR)

    assert (clock.due, clock.used, clock.missed) == (START + 4 * HOUR, 3600, None)


def test_a_clock_that_rests_is_due_at_no_time():
    clock = count(START, None, FOUR, [Rest(START + HOUR, None, "customer")], START + 3 * HOUR)

    assert (clock.due, clock.used) == (None, 3600)
    assert [segment.reason for segment in clock.segments] == ["", "customer"]


def test_a_clock_that_was_missed_stays_missed_whatever_rule_comes_later():
    more = [*FOUR, Rule(START + 5 * HOUR, CALENDAR, 8 * 3600, 2, "policy")]

    clock = count(START, None, more, [], START + 6 * HOUR)

    assert clock.missed == START + 4 * HOUR
    assert clock.due == START + 8 * HOUR


def test_a_new_rule_holds_from_its_first_moment_on():
    less = [*FOUR, Rule(START + 2 * HOUR, CALENDAR, 1 * 3600, 2, "policy")]

    clock = count(START, None, less, [], START + 2 * HOUR)
    later = count(START, None, less, [], START + 3 * HOUR)

    # Two hours had passed when one became the rule: nobody could have kept it before.
    assert later.missed == START + 2 * HOUR
    assert clock.missed is None


def test_other_hours_count_from_their_first_moment_on():
    rules = [Rule(START, CALENDAR, 10 * 3600, 1), Rule(START + 2 * HOUR, LONG_DAYS, 10 * 3600, 1, "calendar")]

    clock = count(START, None, rules, [], START + 3 * HOUR)

    assert clock.due == START + 10 * HOUR


MOMENTS = st.integers(0, 30 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))


@given(MOMENTS, MOMENTS, st.integers(1, 80))
def test_a_rest_moves_the_due_time_by_exactly_its_working_time(one, other, hours):
    start, end = sorted((one, other))
    rules = [Rule(START, CALENDAR, hours * 3600, 1)]
    without = CALENDAR.add(START, hours * 3600)
    if start >= without:
        return

    clock = count(START, None, rules, [Rest(start, end, "customer")], max(end, START) + timedelta(seconds=1))

    # The last moment of a day stays it: no working time more does not make it the next morning.
    paused = CALENDAR.between(start, end)
    assert clock.due == (CALENDAR.add(without, paused) if paused else without)


@given(st.lists(MOMENTS, min_size=2, max_size=12, unique=True), MOMENTS)
def test_segments_lie_end_to_end_and_add_up(edges, until):
    edges.sort()
    rests = [Rest(start, end, "customer") for start, end in zip(edges[::2], edges[1::2], strict=False)]
    until = max(until, START + timedelta(minutes=1))

    clock = count(START, until, FOUR, rests, until)

    assert clock.segments[0].start == START
    assert clock.segments[-1].end == until
    assert all(one.end == other.start for one, other in zip(clock.segments, clock.segments[1:], strict=False))
    assert clock.used == sum(segment.seconds for segment in clock.segments)
    rested = sum(CALENDAR.between(rest.start, min(rest.end, until)) for rest in rests if rest.start < until)
    assert clock.used == CALENDAR.between(START, until) - rested

"""What must hold for every calendar, tried on calendars nobody would think of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ahadi.calendars import Calendar, CalendarError

WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ZONES = ["UTC", "Europe/Bucharest", "Asia/Tehran", "Asia/Jerusalem", "Africa/Nairobi", "America/Los_Angeles"]
ZONES += ["Africa/Casablanca", "Asia/Beirut", "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns"]


def written(minute):
    return f"{minute // 60:02}:{minute % 60:02}"


@st.composite
def spans(draw, night=True):
    marks = sorted(draw(st.sets(st.integers(0, 24 * 60), max_size=6)))
    pairs = [[written(one), written(other)] for one, other in zip(marks[::2], marks[1::2], strict=False)]
    if night and not pairs and draw(st.booleans()):
        pairs = [[written(draw(st.integers(18 * 60, 1439))), written(draw(st.integers(1, 300)))]]
    return pairs


days = st.dates(date(2010, 1, 1), date(2029, 12, 31)).map(str)
near_days = st.integers(0, 30).map(lambda count: str(date(2026, 10, 20) + timedelta(days=count)))
moments = st.integers(0, 20 * 365 * 86_400 * 1_000_000).map(
    lambda count: datetime(2010, 1, 1, tzinfo=UTC) + timedelta(microseconds=count)
)
amounts = st.integers(-40_000_000, 40_000_000)


@st.composite
def calendars(draw, zones=ZONES, exceptions=days):
    try:
        return Calendar.from_dict(
            {
                "timezone": draw(st.sampled_from(zones)),
                "hours": {day: draw(spans()) for day in WEEK},
                "holidays": draw(st.lists(exceptions | st.just("--02-29") | st.just("--11-01"), max_size=6)),
                "shifts": draw(st.dictionaries(exceptions, spans(), max_size=3)),
                "breaks": draw(st.dictionaries(exceptions, spans(night=False), max_size=3)),
            }
        )
    except CalendarError:
        # Nights may run into the next morning, and some weeks stay empty.
        assume(False)


@settings(deadline=None)
@given(calendars(), moments, amounts)
def test_adding_and_then_measuring_gives_what_was_added(calendar, start, seconds):
    found = reached(calendar, start, seconds)

    assert calendar.between(start, found) == seconds
    assert calendar.between(found, start) == -seconds


@settings(deadline=None)
@given(calendars(), moments, amounts, st.integers(0, 1_000_000))
def test_more_time_never_comes_earlier(calendar, start, seconds, more):
    assert reached(calendar, start, seconds) <= reached(calendar, start, seconds + more)


@settings(deadline=None)
@given(calendars(), moments, moments, moments)
def test_measures_add_up_and_never_exceed_real_time(calendar, one, other, third):
    first, middle, last = (moment.replace(microsecond=0) for moment in sorted([one, other, third]))

    whole = calendar.between(first, last)

    assert whole == calendar.between(first, middle) + calendar.between(middle, last)
    assert 0 <= whole <= (last - first).total_seconds()


@settings(deadline=None)
@given(calendars(), moments)
def test_openings_are_open_and_closings_are_not(calendar, at):
    opening = calendar.add(at, 0)
    closing = calendar.next_closing(at)

    assert opening == calendar.next_opening(at) >= at
    assert calendar.is_open(opening)
    assert calendar.is_open(at) == (opening == at)
    if closing is not None:
        assert not calendar.is_open(closing)
        assert calendar.between(opening, closing) == int((closing - opening).total_seconds())


@settings(deadline=None)
@given(calendars(), moments, st.integers(0, 60 * 86_400))
def test_the_periods_of_a_time_are_apart_and_sum_to_its_measure(calendar, start, length):
    start = start.replace(microsecond=0)
    end = start + timedelta(seconds=length)

    periods = list(calendar.periods(start, end))

    edges = [edge for period in periods for edge in period]
    assert edges == sorted(set(edges))
    total = sum((finish - begin for begin, finish in periods), timedelta())
    assert total.total_seconds() == calendar.between(start, end)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_the_clock_on_the_wall_agrees_minute_by_minute(data):
    zone = data.draw(st.sampled_from(["UTC", "Asia/Tehran", "Africa/Nairobi"]))
    hours = {day: data.draw(spans(night=False)) for day in WEEK}
    holidays = data.draw(st.sets(near_days, max_size=5))
    shifts = data.draw(st.dictionaries(near_days, spans(night=False), max_size=3))
    breaks = data.draw(st.dictionaries(near_days, spans(night=False), max_size=3))
    assume(any(hours.values()))
    calendar = Calendar.from_dict(
        {
            "timezone": zone,
            "hours": hours,
            "holidays": sorted(holidays),
            "shifts": shifts,
            "breaks": breaks,
        }
    )
    start = datetime(2026, 10, 25, tzinfo=UTC) + timedelta(minutes=data.draw(st.integers(0, 10_000)))
    length = data.draw(st.integers(0, 5_000))

    def is_open(at):
        local = at.astimezone(ZoneInfo(zone))
        day, minute = str(local.date()), f"{local:%H:%M}"
        usual = shifts.get(day, hours[WEEK[local.weekday()]])
        inside = [one for one in usual if one[0] <= minute < one[1]]
        broken = [one for one in breaks.get(day, []) if one[0] <= minute < one[1]]
        return bool(inside) and not broken and day not in holidays

    minutes = [start + timedelta(minutes=count) for count in range(length)]
    assert calendar.between(start, start + timedelta(minutes=length)) == 60 * sum(map(is_open, minutes))
    assert all(calendar.is_open(minute) == is_open(minute) for minute in minutes[:200])


def reached(calendar, start, seconds):
    try:
        return calendar.add(start, seconds)
    except CalendarError:
        # One minute a week: a year of open time may lie before the first or beyond the last year.
        assume(False)

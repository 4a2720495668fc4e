"""When an answer is due by the hours of a team, and whether a date is later than that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ahadi.calendars import Calendar
from ahadi.lib import piece
from ahadi.testing import make
from ahadi.tickets import targets

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
moments = st.integers(0, 7 * 24 * 60).map(lambda minutes: MONDAY + timedelta(minutes=minutes))


@pytest.fixture(autouse=True)
def company():
    return make.company()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(moments, moments), min_size=2, max_size=6))
def test_what_was_found_for_one_ticket_never_changes_what_is_found_for_another(pairs):
    alone = [targets.is_beyond_answer(due, None, at) for due, at in pairs]

    with piece.of_work():
        together = [targets.is_beyond_answer(due, None, at) for due, at in pairs]

    assert together == alone == [due > targets.answer_due(None, at) for due, at in pairs]


def test_in_closed_hours_the_answer_is_counted_out_once_for_all_tickets_of_a_moment(monkeypatch):
    counted = []
    add = Calendar.add
    monkeypatch.setattr(Calendar, "add", lambda *given: counted.append(given) or add(*given))
    saturday = MONDAY + timedelta(days=5, hours=12)
    due = targets.answer_due(None, saturday)
    counted.clear()

    with piece.of_work():
        for second in range(12):
            assert not targets.is_beyond_answer(due, None, saturday + timedelta(seconds=second))

    assert len(counted) == 1

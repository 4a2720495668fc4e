"""Incoming numbers when several counters are open at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from ahadi.complaints import register
from ahadi.complaints.models import Register, Rules

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def take(fails):
    try:
        with transaction.atomic():
            number = register.take(NOON, ZoneInfo("UTC"), Rules.Years.GREGORIAN)
            transaction.set_rollback(fails)
        return None if fails else number.serial
    finally:
        connection.close()


@pytest.mark.django_db
def test_every_year_counts_for_itself():
    before, after = datetime(2026, 12, 31, 21, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC)
    zone = ZoneInfo("Europe/Bucharest")

    numbers = [register.take(at, zone, Rules.Years.GREGORIAN) for at in (before, before, after)]

    assert numbers == [(2026, 1), (2026, 2), (2027, 1)]


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """What is written stays, as between counters; the register is emptied afterwards."""
    with django_db_blocker.unblock():
        yield
        Register.objects.all().delete()
        connection.close()


@pytest.mark.usefixtures("committed")
def test_many_at_once_leave_no_gap_and_no_number_twice():
    with ThreadPoolExecutor(6) as counters:
        numbers = list(counters.map(take, [False, False, True] * 10))

    given = sorted(number for number in numbers if number is not None)
    assert given == list(range(1, 21))
    assert Register.objects.get().last == 20

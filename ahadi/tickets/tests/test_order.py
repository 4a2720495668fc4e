from __future__ import annotations

from contextlib import suppress

import psycopg
import pytest
from django.db import connection, transaction

from ahadi.testing import make
from ahadi.tickets import order
from ahadi.tickets.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def other():
    """A second connection to the database of the test."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    given = {
        name: connection.settings_dict[name]
        for name in ("HOST", "USER", "PORT")
        if connection.settings_dict[name]
    }
    names = {name.lower(): value for name, value in given.items()}
    with psycopg.connect(dbname=connection.settings_dict["NAME"], **names) as opened:
        yield opened


def test_the_feed_ends_before_what_another_writer_may_still_write(other):
    other.execute(order._MARK, [order.SPACE])
    marked = order.highest()

    ticket = make.ticket()
    waiting = order.end()
    other.rollback()

    assert waiting == marked < ticket.entries.latest("seq").pk
    assert order.end() == order.highest() == Entry.objects.latest("pk").pk


def test_a_writer_marks_its_lowest_number_and_only_once(other):
    make.ticket()
    make.ticket()

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE classid = %s"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [order.SPACE],
        )
        assert cursor.fetchone() == (1,)


def test_a_mark_that_was_taken_back_is_made_again(other):
    with suppress(RuntimeError), transaction.atomic():
        make.ticket()
        raise RuntimeError

    make.ticket()

    assert len(order_marks(other)) == 1


def order_marks(connection):
    """The marks as another connection sees them; tests beside this one have databases of their own."""
    ours = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    asked = f"SELECT objid FROM pg_locks WHERE classid = %s AND {ours}"  # noqa: S608 - nothing given
    return connection.execute(asked, [order.SPACE]).fetchall()

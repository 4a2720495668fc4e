"""What happened on all tickets, read on from a place."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection

from ahadi.testing import make
from ahadi.tickets import feed, order

pytestmark = pytest.mark.django_db


def test_everything_behind_a_place_is_told_once_and_in_order():
    make.ticket()
    place = feed.end()
    first, second = make.ticket(), make.ticket()
    first.note("Seen.", by=make.agent())

    rows = feed.since(place, feed.end())

    assert [row.pk for row in rows] == sorted(row.pk for row in rows)
    assert {row.number for row in rows} == {first.number, second.number}
    assert rows[-1][1:6] == (first.pk, first.number, first.last_seq, "note", "")
    assert feed.since(feed.end(), feed.end()) == []


def test_a_writer_still_at_work_holds_the_feed_back_and_is_not_forgotten():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    known = connection.settings_dict
    names = {name.lower(): known[name] for name in ("HOST", "USER", "PORT") if known[name]}
    with psycopg.connect(dbname=known["NAME"], **names) as other:
        other.execute(order._MARK, [order.SPACE])
        place = feed.end()
        make.ticket()
        held = (feed.since(place, feed.end()), feed.is_behind(feed.end()))
        other.rollback()

    assert held == ([], True)
    assert feed.since(place, feed.end())
    assert not feed.is_behind(feed.end())

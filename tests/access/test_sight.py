"""No page puts together all tickets that somebody may see, in order to ask whether one is among them."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.module_loading import import_string

from tests.access.table import DOORS, Door, For
from tests.access.test_matrix import OF_DESK, address
from tests.access.world import World, knock, rolled_back

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

# "IN (SELECT id FROM tickets …)", where nothing but the right to see them is asked of the tickets.
ALL_AT_ONCE = re.compile(r'IN \(SELECT (\w+)\."\w+"[^(]* FROM "tickets_ticket" \1 WHERE \(NOT \(\1\."id" IN')
# It goes back from the newest request, as far as it learns from.
LEARNS = "ahadi.reports.usual.learn"
PROGRAMS = (For.PROGRAMS, For.OF_TICKET_PROGRAMS)


def is_about_all(sql: str) -> bool:
    found = ALL_AT_ONCE.search(sql)
    # Those of a few people are found by who asked.
    return found is not None and f'{found[1]}."requester_id" ' not in sql[found.end() :]


@pytest.mark.parametrize(
    ("name", "door"),
    [
        (name, door)
        for name, door in sorted(DOORS.items())
        if "GET" in door.methods and door.people in (*OF_DESK, *PROGRAMS)
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_no_page_asks_for_all_tickets_that_somebody_may_see(world: World, name: str, door: Door):
    path = address(name, door, world)
    is_program = door.people in PROGRAMS

    for role in ("agent", "lead"):
        client = world.program(role) if is_program else world.clients[role]
        with CaptureQueriesContext(connection) as asked:
            knock(client, "GET", path)

        assert not [each["sql"] for each in asked.captured_queries if is_about_all(each["sql"])], role


@pytest.mark.parametrize("path", sorted({*settings.ROUNDS} - {LEARNS}))
def test_no_round_looks_through_all_tickets(world: World, path: str):
    if connection.vendor != "sqlite":
        pytest.skip("The plan of SQLite; with so few rows PostgreSQL looks through all.")
    work, plans = import_string(path), []

    with rolled_back(), CaptureQueriesContext(connection) as asked:
        work()
    for sql in {each["sql"] for each in asked.captured_queries if each["sql"].startswith("SELECT")}:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN QUERY PLAN " + sql)
            plans += [row[3] for row in cursor.fetchall()]

    # What is asleep, open or merged has an index that holds only that.
    found = [step for step in plans if re.match(r"SCAN tickets_(ticket|entry)\b", step)]
    assert not [step for step in found if " INDEX " not in step]

from __future__ import annotations

import psycopg
import pytest
from django.db import connection

from ahadi.outbox import jobs
from ahadi.outbox.life import SPACE, Life
from ahadi.outbox.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def other():
    """A second connection to the database of the test."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one process with workers, which takes over when it begins")
    given = connection.settings_dict
    names = {name.lower(): given[name] for name in ("HOST", "USER", "PORT") if given[name]}
    with psycopg.connect(dbname=given["NAME"], autocommit=True, **names) as opened:
        yield opened


@pytest.fixture
def looking(other):
    """A living worker, looking through the connection of the test."""
    life = Life()
    life._holder = connection
    return life


def claim(number):
    """Work that a worker with this number has claimed."""
    jobs.put("channels.send", {"delivery_id": 1})
    Job.objects.update(state=Job.State.RUNNING, worker=number)


def test_work_of_a_worker_that_is_gone_is_free_at_once(looking):
    claim(7)

    looking.look()

    assert Job.objects.get().state == Job.State.WAITING
    assert len(jobs.claim()) == 1


def test_work_of_a_worker_that_lives_is_left_to_it_until_its_end(looking, other):
    other.execute("SELECT pg_advisory_lock(%s, 7)", [SPACE])
    claim(7)

    looking.look()
    while_it_lives = Job.objects.get().state
    other.close()
    for _ in range(200):
        looking.look()
        if Job.objects.get().state == Job.State.WAITING:
            break

    assert while_it_lives == Job.State.RUNNING
    assert Job.objects.get().state == Job.State.WAITING


def test_work_without_a_number_is_left_to_its_lease(looking):
    claim(None)

    looking.look()

    assert Job.objects.get().state == Job.State.RUNNING


def test_a_worker_holds_the_number_under_which_it_claims(other, monkeypatch):
    life = Life()
    life.begin()
    monkeypatch.setattr("ahadi.outbox.life.own", life)
    jobs.put("channels.send", {"delivery_id": 1})
    jobs.claim()

    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s"
    number = Job.objects.get().worker
    while_it_lives = other.execute(held, [SPACE, number]).fetchone()
    life.end()

    assert while_it_lives == (1,)
    assert life.number is None


def test_a_worker_whose_connection_broke_takes_another_number(other):
    life = Life()
    life.begin()
    before = life.number
    pid = life._holder.connection.info.backend_pid
    other.execute("SELECT pg_terminate_backend(%s)", [pid])

    life.look()

    assert life.number not in (None, before)
    life.end()

"""Writers of one SQLite file take turns, across threads, connections and processes."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time

import pytest
from django.db import connection, connections, transaction

from ahadi.lib.sqlite.base import LITTLE, DatabaseWrapper, Turn, be_thrifty
from ahadi.outbox.models import Job


def hold(path: str, begun: list[int], seconds: float) -> None:
    turn = Turn(path)
    turn.take(5)
    os.write(begun[1], b"!")
    time.sleep(seconds)
    os._exit(1)


def test_another_process_waits_for_the_one_that_writes_and_not_for_a_dead_one(tmp_path):
    path, begun = str(tmp_path / "x.sqlite3"), os.pipe()
    other = multiprocessing.get_context("fork").Process(target=hold, args=(path, begun, 0.3))
    turn = Turn(path)

    turn.take(5)
    turn.pass_on()
    other.start()
    os.read(begun[0], 1)
    since = time.monotonic()
    turn.take(5)

    assert time.monotonic() - since > 0.2
    turn.pass_on()
    other.join()


@pytest.mark.skipif("AHADI_DATABASE" in os.environ, reason="PostgreSQL has many writers")
@pytest.mark.django_db(transaction=True)
def test_a_single_statement_waits_for_the_transaction_of_another_thread():
    done: list[str] = []

    def write() -> None:
        Job.objects.create(name="single")
        done.append("single")
        connections.close_all()

    with transaction.atomic():
        other = threading.Thread(target=write)
        other.start()
        other.join(0.3)
        done.append("transaction")
    other.join(5)

    assert done == ["transaction", "single"]
    assert Job.objects.filter(name="single").exists()
    assert connection.vendor == "sqlite"


def test_a_thrifty_thread_keeps_little_of_the_database_in_memory_and_others_much(tmp_path):
    options = {"init_command": "PRAGMA cache_size=-16000"}
    given = {**connections.settings["default"], "NAME": tmp_path / "x.sqlite3", "OPTIONS": options}
    found: list[int] = []

    def ask() -> None:
        wrapper = DatabaseWrapper(given)
        opened = wrapper.get_new_connection(wrapper.get_connection_params())
        found.append(opened.execute("PRAGMA cache_size").fetchone()[0])
        opened.close()

    def ask_thriftily() -> None:
        be_thrifty()
        ask()

    for work in (ask_thriftily, ask):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    assert found == [-LITTLE, -16_000]

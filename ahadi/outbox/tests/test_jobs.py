from __future__ import annotations

import fcntl
import sys
from contextlib import ExitStack
from datetime import timedelta
from types import ModuleType
from unittest.mock import MagicMock

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from ahadi import outbox
from ahadi.lib import clock
from ahadi.outbox import NotNow, jobs, worker
from ahadi.outbox.handful import MOMENT, QUICK, Handful
from ahadi.outbox.models import Job
from ahadi.people.models import Company
from ahadi.testing import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def ran(monkeypatch, settings):
    """What ran, in order; payloads may say how it goes."""
    done: list[str] = []
    module = ModuleType("work_of_the_tests")

    def work(name: str, fails: int = 0, hopeless: bool = False, foreseen: bool = False) -> None:
        done.append(name)
        if hopeless:
            raise jobs.Hopeless("no such mailbox")
        if done.count(name) <= fails and foreseen:
            raise NotNow("451 try later")
        if done.count(name) <= fails:
            raise OSError("not now")

    module.work = work
    monkeypatch.setitem(sys.modules, "work_of_the_tests", module)
    settings.JOBS = {"work": "work_of_the_tests.work"}
    return done


def put(name, order_by="", **payload):
    return jobs.put("work", {"name": name, **payload}, order_by)


def test_work_is_done_once_and_its_row_goes_away(ran):
    put("a")
    put("b")

    assert jobs.run_due() == 2
    assert jobs.run_due() == 0
    assert ran == ["a", "b"]
    assert not Job.objects.exists()


def test_work_of_a_change_that_did_not_happen_is_not_done(ran):
    with transaction.atomic():
        put("a")
        transaction.set_rollback(True)

    assert jobs.run_due() == 0


def test_unknown_work_is_refused_when_it_is_put_down(ran):
    with pytest.raises(ValueError, match="settings.JOBS"):
        jobs.put("unknown", {})


def test_work_of_one_key_waits_for_what_was_put_down_before_other_keys_do_not(ran, frozen):
    put("a1", "a", fails=1)
    put("a2", "a")
    put("b1", "b")
    put("free")

    jobs.run_due()
    first = list(ran)
    with clock.at(frozen + timedelta(seconds=5)):
        jobs.run_due()

    assert first == ["a1", "b1", "free"]
    assert ran == ["a1", "b1", "free", "a1", "a2"]


def test_what_can_wait_lets_pass_by_what_people_wait_for_but_not_for_ever(ran, frozen):
    for name, can_wait in [("thanks", outbox.CAN_WAIT), ("mail", 0), ("answer", 0)]:
        jobs.put("work", {"name": name}, can_wait=can_wait)
    jobs.run_due()
    jobs.put("work", {"name": "late thanks"}, can_wait=outbox.CAN_WAIT)
    with clock.at(frozen + timedelta(seconds=outbox.CAN_WAIT + 1)):
        put("new mail")
        jobs.run_due()

    assert ran == ["mail", "answer", "thanks", "late thanks", "new mail"]


def test_what_can_wait_does_not_wait_for_nothing(ran, frozen):
    jobs.put("work", {"name": "thanks"}, can_wait=outbox.CAN_WAIT)

    jobs.run_due()

    assert ran == ["thanks"]


def test_patience_grows_and_ends_with_a_visible_failure(ran, frozen):
    put("a", fails=1000)
    moments, now = [], frozen

    while (job := Job.objects.get()).state != Job.State.FAILED:
        now = max(now, job.next_try)
        moments.append(now - frozen)
        with clock.at(now):
            jobs.run_due()

    waits = [later - earlier for earlier, later in zip(moments, moments[1:], strict=False)]
    assert waits == jobs.PATIENCE
    assert job.last_error == "OSError: not now"
    assert job.attempts == len(jobs.PATIENCE) + 1
    with clock.at(now + timedelta(days=30)):
        assert jobs.run_due() == 0


def test_what_is_hopeless_is_not_tried_again_and_holds_nobody_up(ran, frozen):
    put("a1", "a", hopeless=True)
    put("a2", "a")

    jobs.run_due()

    assert ran == ["a1", "a2"]
    assert (Job.objects.get().state, Job.objects.get().last_error) == (Job.State.FAILED, "no such mailbox")


def test_a_failure_that_was_foreseen_is_one_line_and_any_other_has_its_whole_story(ran, frozen, caplog):
    put("a", fails=1, foreseen=True)
    put("b", fails=1)

    jobs.run_due()

    told = [(record.levelname, bool(record.exc_info)) for record in caplog.records]
    assert told == [("WARNING", False), ("ERROR", True)]
    assert "451 try later" in caplog.records[0].message
    assert set(Job.objects.values_list("state", "last_error")) == {
        ("waiting", "451 try later"), ("waiting", "OSError: not now"),
    }  # fmt: skip


def test_the_administrator_lets_failed_work_run_again(ran, frozen):
    put("a", fails=1)
    jobs.run_due()

    jobs.try_again(Job.objects.get())

    assert jobs.run_due() == 1
    assert ran == ["a", "a"]
    assert not Job.objects.exists()


def test_work_of_a_dead_worker_is_taken_over_when_its_lease_ends(ran, frozen):
    put("a", "k")
    put("b", "k")
    (dead,) = jobs.claim()

    with clock.at(frozen + jobs.LEASE - timedelta(seconds=1)):
        assert jobs.run_due() == 0
    with clock.at(frozen + jobs.LEASE):
        assert jobs.run_due() == 2

    assert dead.payload["name"] == "a"
    assert ran == ["a", "b"]


def test_two_workers_never_hold_the_same_work(ran):
    for name in "abc":
        put(name)

    held = [[job.payload["name"] for job in jobs.claim(2)] for _ in range(3)]

    assert held == [["a", "b"], ["c"], []]


def test_what_is_given_back_can_be_taken_at_once(ran):
    for name in "abc":
        put(name)

    jobs.give_back(jobs.claim(3)[1:])

    taken = jobs.claim(3)
    assert [job.payload["name"] for job in taken] == ["b", "c"]
    assert [job.attempts for job in taken] == [1, 1]


def test_a_slow_job_holds_up_nobody_who_was_claimed_with_it(ran, frozen, monkeypatch):
    given_back: list[str] = []
    monkeypatch.setattr(
        jobs, "give_back", lambda rest: given_back.extend(job.payload["name"] for job in rest)
    )
    for name in "abc":
        put(name)

    with ExitStack() as clocks:
        monkeypatch.setattr(jobs, "run", lambda job: clocks.enter_context(clock.at(frozen + QUICK)))
        jobs.run_due(limit=3)

    assert given_back == ["b", "c"]


def test_nobody_waits_behind_a_slow_job_while_it_runs(ran, frozen, monkeypatch):
    run = jobs.run
    seen: list[tuple[int, list[tuple[str, str]]]] = []

    def go_slow_at_the_second(job):
        if job.payload["name"] == "slow":
            with clock.at(frozen + QUICK):
                seen.append((jobs.relieve(), left()))
                # Another worker takes what was given back and what waited for what is done.
                jobs.run_due()
        return run(job)

    def left():
        rows = Job.objects.order_by("pk").values_list("payload", "state")
        return [(payload["name"], state) for payload, state in rows]

    monkeypatch.setattr(jobs, "run", go_slow_at_the_second)
    put("a1", "a")
    put("slow")
    put("b1")
    put("a2", "a")

    jobs.run_due(limit=3)

    assert seen == [(1, [("slow", "running"), ("b1", "waiting"), ("a2", "waiting")])]
    assert ran == ["a1", "b1", "a2", "slow"]
    assert not Job.objects.exists()
    assert jobs.relieve() == 0


def test_what_is_not_begun_is_given_back_even_where_the_done_cannot_be_taken_off(ran, monkeypatch):
    for name in "ab":
        put(name)
    refuse = MagicMock(side_effect=OperationalError("database is locked"))
    handful = Handful(jobs.claim(2))
    handful.finish(handful.take())
    monkeypatch.setattr("django.db.models.query.QuerySet.delete", refuse)
    with pytest.raises(OperationalError):
        jobs._put_down(handful)

    assert Job.objects.get(payload__name="b").state == Job.State.WAITING


def test_a_worker_is_held_up_as_soon_as_it_is_long_at_one_job(ran, frozen):
    assert not jobs.are_held_up()
    handful = Handful(jobs.claim(1))
    jobs._in_hand.add(handful)
    try:
        assert not jobs.are_held_up()
        with clock.at(frozen + MOMENT):
            assert jobs.are_held_up()
            handful.take()
            assert not jobs.are_held_up()
    finally:
        jobs._in_hand.discard(handful)


def test_what_was_done_before_a_worker_ended_is_not_done_again(ran, monkeypatch):
    for name in "abc":
        put(name)
    run = jobs.run

    def end_at_the_second(job):
        if job.payload["name"] == "b":
            raise SystemExit
        return run(job)

    monkeypatch.setattr(jobs, "run", end_at_the_second)
    with pytest.raises(SystemExit):
        jobs.run_due(limit=3)

    left = Job.objects.order_by("pk").values_list("payload", "state")
    assert [(payload["name"], state) for payload, state in left] == [("b", "running"), ("c", "waiting")]


def test_what_is_claimed_together_reads_the_company_once_and_the_next_work_anew(monkeypatch, settings):
    make.company("Before")
    seen = []
    module = ModuleType("work_that_reads")
    module.work = lambda: seen.append(Company.current().name)
    monkeypatch.setitem(sys.modules, "work_that_reads", module)
    settings.JOBS = {"read": "work_that_reads.work"}
    for _ in range(3):
        jobs.put("read", {})

    with CaptureQueriesContext(connection) as asked:
        jobs.run_due()
    make.company("After")
    jobs.put("read", {})
    jobs.run_due()

    assert seen == ["Before"] * 3 + ["After"]
    assert sum("people_company" in query["sql"] for query in asked) == 1


def test_work_that_is_not_due_waits(ran, frozen):
    jobs.put("work", {"name": "later"}, delay=60)

    assert jobs.run_due() == 0
    with clock.at(frozen + timedelta(seconds=60)):
        assert jobs.run_due() == 1


def test_much_waiting_work_of_one_key_does_not_hide_the_work_of_another(ran, frozen):
    put("a", "k", fails=1)
    for number in range(20):
        put(f"k{number}", "k")
    put("other")

    jobs.run_due()

    assert ran == ["a", "other"]


def test_the_only_worker_takes_over_from_a_dead_one_at_once(ran, frozen, settings, tmp_path, monkeypatch):
    settings.AHADI_DATA = tmp_path
    monkeypatch.setattr(worker, "Workers", MagicMock())
    monkeypatch.setattr(worker, "connections", MagicMock())
    put("a", "k")
    put("b", "k")
    jobs.claim()

    worker.start(is_only=True)
    worker.stop()

    assert jobs.run_due() == 2
    assert ran == ["a", "b"]


@pytest.mark.parametrize("is_only", [True, False])
def test_work_of_a_worker_that_may_live_is_left_to_it(ran, frozen, settings, tmp_path, monkeypatch, is_only):
    settings.AHADI_DATA = tmp_path
    monkeypatch.setattr(worker, "Workers", MagicMock())
    monkeypatch.setattr(worker, "connections", MagicMock())
    put("a")
    jobs.claim()

    with (tmp_path / "worker.lock").open("w") as other:
        if is_only:
            fcntl.flock(other, fcntl.LOCK_SH)
        worker.start(is_only=is_only)
        worker.stop()

    assert jobs.run_due() == 0
    assert Job.objects.get().state == Job.State.RUNNING


def test_a_process_without_workers_wakes_those_of_other_machines_each_time(settings):
    settings.AHADI_REDIS = "redis://elsewhere"
    worker.huey.flush()

    worker.wake()
    worker.wake()

    assert worker.huey.pending_count() == 2
    worker.huey.flush()

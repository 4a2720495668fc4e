"""Work of one kind that is due in a row, done together as far as it can be."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from ahadi.outbox import jobs
from ahadi.outbox.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def ran(monkeypatch, settings):
    """What ran alone, in order."""
    done: list[str] = []
    module = ModuleType("work_of_the_tests")

    def work(name: str, fails: int = 0) -> None:
        done.append(name)
        if done.count(name) <= fails:
            raise OSError("not now")

    module.work = work
    monkeypatch.setitem(sys.modules, "work_of_the_tests", module)
    settings.JOBS = {"work": "work_of_the_tests.work", "other": "work_of_the_tests.work"}
    return done


def put(name, **payload):
    return jobs.put("work", {"name": name, **payload})


@pytest.fixture
def crowd(ran, monkeypatch, settings):
    """Three at most are done together; says which were."""
    done: list[list[str]] = []

    def together(payloads, ahead):
        some = [payload["name"] for _place, payload in zip(range(3), payloads, strict=False)]
        # It knew of them before it took them, and they are in a row.
        assert some == [payload["name"] for payload in ahead][:3]
        if "bad" in some:
            raise ValueError("Broken")
        done.append(some)

    monkeypatch.setattr(sys.modules["work_of_the_tests"], "together", together, raising=False)
    settings.JOBS_TOGETHER = {"work": "work_of_the_tests.together"}
    return done


def test_what_can_be_done_together_is_and_other_work_comes_in_between(crowd, ran):
    for name in "abcd":
        put(name)
    jobs.put("other", {"name": "x"})
    put("e")

    assert jobs.run_due() == 6
    assert crowd == [["a", "b", "c"], ["d"], ["e"]]
    assert ran == ["x"]
    assert not Job.objects.exists()


def test_when_some_cannot_be_done_together_each_is_tried_alone(crowd, ran, caplog):
    for name in ("a", "bad", "c"):
        put(name, fails=1 if name == "bad" else 0)
    put("d")

    jobs.run_due()
    assert (crowd, ran) == ([["d"]], ["a", "bad", "c"])
    assert [job.payload["name"] for job in Job.objects.all()] == ["bad"]
    assert "could not be done together" in caplog.text


def test_what_nobody_asked_for_yet_can_be_had_by_others(crowd, monkeypatch):
    for name in "abcde":
        put(name)
    seen = []

    def together(payloads, ahead):
        seen.append(next(payloads)["name"])
        (handful,) = jobs._in_hand
        # Whoever looks after slow work takes what is not begun.
        seen.extend(job.payload["name"] for job in handful.empty()[1])

    monkeypatch.setattr(sys.modules["work_of_the_tests"], "together", together)
    jobs.run_due(5)
    assert seen == ["a", "b", "c", "d", "e"]

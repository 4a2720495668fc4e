"""A worker in a process of its own lives and ends with the one that started it."""

from __future__ import annotations

import subprocess
import time

from ahadi.outbox import apart


def test_a_worker_that_dies_is_started_again(monkeypatch):
    monkeypatch.setattr(apart, "PAUSE", 0.01)
    begun = []
    real = subprocess.Popen

    def begin(command, **options):
        begun.append(command)
        return real(["/bin/cat"] if len(begun) > 1 else ["/bin/false"], **options)

    monkeypatch.setattr(apart.subprocess, "Popen", begin)

    other = apart.Apart("work", "--woken")
    end = time.monotonic() + 10
    while other._process.args != ["/bin/cat"] and time.monotonic() < end:
        other.wake()
    other.end()

    assert len(begun) == 2
    assert other._process.wait(10) == 0


def test_waking_a_worker_that_is_gone_is_no_error(monkeypatch):
    monkeypatch.setattr(apart.subprocess, "Popen", _begin_and_end)
    other = apart.Apart("work", "--woken")

    other.end()
    other.wake()


def _begin_and_end(command, real=subprocess.Popen, **options):
    process = real(["/bin/true"], **options)
    process.wait()
    return process

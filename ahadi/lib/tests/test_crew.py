"""Parts in processes of their own live, come back, and end with the one that watches them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from ahadi.lib.environment import ROOT

# Prints the number of every process that begins; the first argument says what the second part does.
PROGRAM = """
import os, signal, sys, time
from ahadi.lib import crew
crew.PAUSE = 0.05

def wait(ready):
    os.write(1, b"waits %d\\n" % os.getpid())
    ready()
    while True:
        signal.pause()

def other(ready):
    os.write(1, b"other %d\\n" % os.getpid())
    if sys.argv[1] == "refuses":
        raise SystemExit(3)
    ready()
    if sys.argv[1] == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        signal.pause()

crew.LAST_WORDS = 0.5
team = crew.Crew()
team.add("one", wait)
team.add("two", other)
sys.exit(team.run(lambda: os.write(1, b"ready\\n")))
"""


class Watched:
    """A crew in a process of its own, and what its parts said."""

    def __init__(self, mood: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, mood], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        self.numbers: dict[str, int] = {}

    def hear(self, word: str) -> None:
        for line in self.process.stdout:
            name, _, number = line.strip().partition(" ")
            if number:
                self.numbers[name] = int(number)
            if name == word:
                return
        raise AssertionError(f"Nobody said {word}.")

    @property
    def all(self) -> set[int]:
        return set(self.numbers.values())


@pytest.fixture
def watch():
    crews = []

    def begin(mood: str = "calm") -> Watched:
        crews.append(Watched(mood))
        return crews[-1]

    yield begin
    for crew in crews:
        crew.process.kill()
        crew.process.wait()
        crew.process.stdout.close()
        for number in crew.all:
            if lives(number):
                os.kill(number, signal.SIGKILL)


def lives(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{number}/stat") as state:
        return state.read().rpartition(")")[2].split()[0] != "Z"


def all_gone(crew: Watched) -> bool:
    end = time.monotonic() + 5
    while any(map(lives, crew.all)) and time.monotonic() < end:
        time.sleep(0.01)
    return not any(map(lives, crew.all))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_everybody_ends_when_the_one_that_watches_is_told_to(watch, number):
    crew = watch()
    crew.hear("ready")

    crew.process.send_signal(number)

    assert crew.process.wait(5) == 0
    assert len(crew.all) == 2
    assert all_gone(crew)


def test_who_dies_is_started_again(watch):
    crew = watch()
    crew.hear("ready")
    first = crew.numbers["other"]

    os.kill(first, signal.SIGKILL)
    crew.hear("other")

    assert crew.numbers["other"] != first
    assert lives(crew.numbers["waits"])


def test_nobody_outlives_the_one_that_watches(watch):
    crew = watch()
    crew.hear("ready")

    crew.process.kill()
    crew.process.wait()

    assert all_gone(crew)


def test_who_can_never_begin_ends_all_with_its_status(watch):
    crew = watch("refuses")
    crew.hear("other")

    assert crew.process.wait(5) == 3
    assert all_gone(crew)


def test_who_does_not_listen_is_ended_by_force(watch):
    crew = watch("deaf")
    crew.hear("ready")

    crew.process.send_signal(signal.SIGTERM)

    assert crew.process.wait(5) == 0
    assert all_gone(crew)

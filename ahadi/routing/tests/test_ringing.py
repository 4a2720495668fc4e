"""Rings: whose desk rings, who gets it, and what happens while nobody is free."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from ahadi.lib import clock
from ahadi.lib.board import Board
from ahadi.lib.environment import ROOT, TEST_NAMES
from ahadi.routing import ringing, waiting
from ahadi.routing.models import Absence, Ring
from ahadi.testing import make
from ahadi.testing.postgresql import Server

database = pytest.mark.usefixtures("db", "frozen")


@pytest.fixture(autouse=True)
def board(tmp_path, monkeypatch):
    """A board with nothing on it."""
    found = Board(tmp_path / "board.sqlite3")
    monkeypatch.setattr(ringing, "board", lambda: found)
    return found


@pytest.fixture
def rung(django_capture_on_commit_callbacks):
    """Asks for somebody, and tells the desks what is told after commit."""

    def ask(ticket=None, cause="call"):
        with django_capture_on_commit_callbacks(execute=True):
            return ringing.ring(ticket or make.ticket(), cause)

    return ask


def attend():
    return ringing.attend()


@pytest.mark.once
def test_web_servers_that_were_forked_from_one_speak_each_for_their_own_desks():
    ringing.sit([1, 2])

    child = os.fork()
    if not child:
        ringing.sit([3])
        os._exit(0)
    os.waitpid(child, 0)
    ringing.sit([1])

    assert ringing.desks().agents == {1, 3}


@database
def test_it_rings_at_every_free_desk_and_at_no_other(rung, board):
    free, other = make.agent("Mara Lind"), make.agent("Noa Levi")
    make.agent("Grace Asleep")
    quiet = make.agent("Quiet Quinn", preferences={ringing.QUIET: True})
    away = make.agent("Away Amos")
    Absence.objects.create(agent=away, begins=clock.now(), ends=clock.now() + timedelta(days=1))
    full = make.agent("Full Frank", capacity=1)
    make.ticket(assignee=full)
    foreign = make.agent("Ben Other", teams=[make.team("Billing")])
    ringing.sit([each.pk for each in (free, other, quiet, away, full, foreign)])

    asked = rung()

    assert asked.rings_at == [free.pk, other.pk]
    assert asked.was_free
    assert asked.begun == asked.asked
    assert ringing.told(board.read()) == {each.pk: [f"ring/{asked.pk}"] for each in (free, other)}


@database
def test_it_rings_at_those_who_speak_the_language_unless_nobody_does(rung):
    persian, other = make.agent("Parisa Karimi", languages=["fa"]), make.agent("Noa Levi")
    ringing.sit([persian.pk, other.pk])

    in_persian, in_swahili = (
        rung(make.ticket(language=code, is_language_certain=True)) for code in ("fa", "sw")
    )

    assert in_persian.rings_at == [persian.pk]
    assert in_swahili.rings_at == [persian.pk, other.pk]


@database
def test_the_first_one_gets_it_with_the_ticket_and_everybody_else_hears_that(rung, board):
    mara, noa = make.agent("Mara Lind"), make.agent("Noa Levi")
    ringing.sit([mara.pk, noa.pk])
    asked = rung(ticket := make.ticket())

    ringing.accept(asked, noa)

    with pytest.raises(ringing.Taken):
        ringing.accept(asked, mara)
    assert ringing.accept(asked, noa).accepted_by == noa
    ticket.refresh_from_db()
    assert ticket.assignee == noa
    assert ticket.entries.get(code="assigned").words.data["why"] == "rang"
    assert Ring.objects.get().why == Ring.Why.ACCEPTED


@database
def test_somebody_in_a_call_is_not_rung_until_it_is_over(rung):
    mara = make.agent("Mara Lind")
    ringing.sit([mara.pk])
    ringing.accept(first := rung(), mara)

    second = rung()
    assert (second.begun, second.rings_at, second.was_free) == (None, [], False)

    ringing.finish(first)
    attend()
    second.refresh_from_db()
    assert second.rings_at == [mara.pk]
    assert second.begun is not None


@database
def test_several_talks_are_led_at_once_but_not_any_number(rung):
    mara = make.agent("Mara Lind")
    ringing.sit([mara.pk])
    for _each in range(ringing.MOST_TALKS):
        ringing.accept(rung(cause="talk"), mara)

    assert rung(cause="talk").rings_at == []
    assert rung().rings_at == [mara.pk]


@database
def test_not_now_silences_one_desk_for_a_while(rung):
    mara, noa = make.agent("Mara Lind"), make.agent("Noa Levi")
    ringing.sit([mara.pk, noa.pk])
    asked = rung()

    ringing.decline(asked, mara)
    attend()
    asked.refresh_from_db()
    assert asked.rings_at == [noa.pk]

    with clock.at(clock.now() + ringing.REST):
        attend()
    asked.refresh_from_db()
    assert asked.rings_at == [mara.pk, noa.pk]


@database
def test_while_nobody_is_free_it_waits_in_line_and_has_a_time(rung):
    make.company()
    first, second = rung(), rung()

    assert [ringing.place(first), ringing.place(second)] == [1, 2]
    assert ringing.promised(first) == clock.now() + timedelta(hours=2)
    mara = make.agent("Mara Lind")
    ringing.sit([mara.pk])
    with clock.at(clock.now() + timedelta(seconds=2)):
        assert attend() == 2
    first.refresh_from_db()
    assert (first.begun - first.asked, first.was_free) == (timedelta(seconds=2), False)


@database
def test_lines_tell_the_place_of_everybody_who_waits_while_no_desk_rings(rung):
    make.company()
    mara = make.agent("Mara Lind")
    ringing.sit([mara.pk])
    rings_already = rung(cause="talk")
    ringing.sit([])
    foreign = rung(make.ticket(team=make.team("Billing")), "talk")
    waiting_ones = [rung(cause="call"), rung(cause="talk"), rung(cause="talk")]
    team = rings_already.team

    lines = ringing.lines("talk")

    assert lines == {
        team.pk: {each.ticket_id: ringing.place(each) for each in waiting_ones[1:]},
        foreign.team_id: {foreign.ticket_id: 1},
    }
    assert list(lines[team.pk].values()) == [3, 4]
    assert ringing.lines("talk", team) == {team.pk: lines[team.pk]}


@database
def test_the_promise_follows_what_was_measured_and_the_place_in_line(rung):
    make.company()
    for minutes in range(1, 11):
        asked = rung()
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            ringing.accept(asked, make.agent())

    waits = waiting.measured("call", is_free=False)
    first, second = rung(), rung()

    assert (waits.half, waits.long) == (timedelta(minutes=5), timedelta(minutes=9))
    assert ringing.promised(first) - clock.now() == timedelta(minutes=9)
    assert ringing.promised(second) - clock.now() == timedelta(minutes=18)
    assert waiting.measured("call", is_free=True) is None


@database
def test_a_ring_that_is_withdrawn_cannot_be_accepted(rung, board, django_capture_on_commit_callbacks):
    mara = make.agent("Mara Lind")
    ringing.sit([mara.pk])
    asked = rung()

    with django_capture_on_commit_callbacks(execute=True):
        assert ringing.end(asked)

    assert ringing.told(board.read()) == {}
    with pytest.raises(ringing.Taken):
        ringing.accept(asked, mara)


@database
def test_a_ticket_rings_once_however_often_it_is_asked_for(rung):
    ticket = make.ticket()

    assert rung(ticket) == rung(ticket)
    assert Ring.objects.count() == 1


@database
def test_a_ring_that_waits_costs_one_look_a_second_when_nothing_changes(rung, django_assert_max_num_queries):
    assert attend() == 0
    rung()

    with django_assert_max_num_queries(1):
        assert attend() == 0


def test_waits_are_read_as_half_and_nine_of_ten():
    found = waiting.read([timedelta(seconds=each) for each in (9, 1, 5, 3, 7, 2, 8, 4, 6, 100)])

    assert (found.number, found.half.seconds, found.long.seconds, found.longest.seconds) == (10, 5, 9, 100)
    assert waiting.read([timedelta()] * (waiting.FEWEST - 1)) is None


RACE = """
import threading
import django
django.setup()
from django.core.management import call_command
from django.db import connections
from ahadi.routing import ringing
from ahadi.routing.models import Ring
from ahadi.testing import make

call_command("migrate", verbosity=0)
make.company()
agents = [make.agent(f"Agent {number}") for number in range(8)]
ringing.sit([agent.pk for agent in agents])
tickets = [make.ticket() for _each in range(3)]
won, start = [], threading.Barrier(8)

def accept(agent):
    start.wait()
    for ticket in tickets:
        asked = ringing.ring(ticket)
        try:
            won.append((ringing.accept(asked, agent).pk, agent.pk))
        except ringing.Taken:
            pass
    connections.close_all()

threads = [threading.Thread(target=accept, args=(agent,)) for agent in agents]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
kept = set(Ring.objects.filter(why="accepted").values_list("pk", "accepted_by"))
print(len(won) == len(set(pk for pk, _agent in won)), set(won) == kept, len(kept) >= 3)
"""


def test_of_eight_who_press_at_the_same_time_one_gets_it(tmp_path, request):
    if request.config.getoption("--database") != "postgres":
        pytest.skip("SQLite has one writer at a time")
    server = Server()
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AHADI_") or name in TEST_NAMES
    }
    kept |= {"AHADI_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "ahadi.settings"}
    kept |= {"AHADI_DATABASE": server.start(), "AHADI_SECRET_KEY": "only-for-tests-" * 5}
    try:
        said = subprocess.run(
            [sys.executable, "-c", RACE], env=kept, cwd=ROOT, capture_output=True, text=True, check=False
        )
    finally:
        server.stop()

    assert said.stdout.split() == ["True"] * 3, said.stderr

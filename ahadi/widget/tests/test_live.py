"""What an open panel hears, as the thread that reads the news for all asks the door."""

from __future__ import annotations

import pytest
from django.test import Client

from ahadi.automation import speaking
from ahadi.channels.chat import talks
from ahadi.desk import presence
from ahadi.lib.board import board
from ahadi.lib.streams import Asked
from ahadi.testing import make
from ahadi.testing.panel import Panel
from ahadi.tickets.models import Ticket
from ahadi.widget import live

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_board():
    """Nobody is anywhere."""
    board()._write("DELETE FROM note")


def sit(door: live.Panel, panel: Panel, after: int | None = None):
    seat = door.admit(Asked({}, {}, after, panel.token))
    return seat, list(door.opening(seat, after))


def heard(door: live.Panel, *seats):
    door._looked = live.clock.now().timestamp()
    told = door.look(list(seats))
    return [[event.name for event in told.get(seat.key, ())] for seat in seats]


def test_an_open_panel_hears_its_own_talk_and_nobody_elses(client, site):
    # Given two open panels, before a word.
    door, one, other = live.Panel(), Panel(client, site), Panel(client, site)
    door.begin()
    mine, opening = sit(door, one)
    theirs, _opening = sit(door, other)
    assert [event.name for event in opening] == ["availability"]
    # When one writes, its stream finds the talk by itself.
    one.say("It stops")
    assert heard(door, mine, theirs) == [["entry", "entry", "talk"], []]
    # A note is heard by nobody; an answer by its visitor.
    ticket, mara = Ticket.objects.get(), make.agent("Mara Lind")
    ticket.note("For us", by=mara)
    assert heard(door, mine, theirs) == [["talk"], []]
    ticket.reply("Hi", by=mara)
    told = door.look([mine, theirs])[mine.key]
    assert [(event.name, event.id) for event in told if event.name == "entry"] == [("entry", 3)]


def test_who_comes_back_is_told_the_rest_without_a_gap(client, site):
    panel, door = Panel(client, site), live.Panel()
    panel.say("It stops")
    ticket, mara = Ticket.objects.get(), make.agent("Mara Lind")
    for number in range(3):
        ticket.reply(f"Answer {number}", by=mara)
    ticket.solve(by=mara)
    door.begin()
    _seat, opening = sit(door, panel, after=2)
    assert [event.id for event in opening if event.name == "entry"] == [3, 4, 5, 6]
    state = next(event.data for event in opening if event.name == "talk")
    assert (state["seq"], state["status"], state["is_over"]) == (6, "solved", True)


def test_writing_and_seeing_are_told_both_ways(client, site):
    panel, door = Panel(client, site, name="Anna Kern"), live.Panel()
    panel.say("It stops")
    ticket, mara = Ticket.objects.get(), make.agent("Mara Lind")
    door.begin()
    seat, _opening = sit(door, panel)
    presence.say(ticket.number, mara, "tab", writes=True)
    told = door.look([seat])[seat.key]
    assert [event.data for event in told if event.name == "typing"] == [{"name": "Mara"}]
    talks.note_seen(ticket, mara)
    assert "talk" in heard(door, seat)[0]
    # The desk sees the visitor as it sees colleagues.
    panel.call("POST", "typing")
    assert ("Anna Kern", True) in [
        (person.name, person.writes) for person in presence.people(board().read())[ticket.number]
    ]


def test_nobody_without_a_token_and_nobody_signed_out_listens(client, site):
    door, panel = live.Panel(), Panel(client, site)
    seat, _opening = sit(door, panel)
    assert door.admit(Asked({}, {}, None, "x" * 43)) is None
    assert door.remain([seat]) == {seat.key}
    panel.call("DELETE", "sessions")
    assert door.remain([seat]) == set()
    assert door.admit(Asked({}, {}, None, panel.token)) is None


def test_a_message_costs_few_questions(client, site, django_assert_max_num_queries):
    panel = Panel(Client(), site)
    panel.say("It stops")
    panel.say("Warm")
    # Entry, ledger, line, talk and promise; more than these make a busy hour slow.
    with django_assert_max_num_queries(24):
        panel.say("And it blinks")
    assert speaking.floor_of(Ticket.objects.get()).is_live

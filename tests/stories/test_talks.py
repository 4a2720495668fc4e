"""Talks: from the first word in the panel to the desk and back, and on by mail."""

from __future__ import annotations

from uuid import uuid4

import pytest

from ahadi.channels.models import Line, Site, Talk
from ahadi.testing import make
from ahadi.testing.panel import Panel
from ahadi.tickets.models import Entry, Ticket
from ahadi.widget import quota

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Nobody has called yet."""
    quota.limiter().storage.reset()


@pytest.fixture
def site() -> Site:
    return make.site()


def test_a_word_in_the_panel_is_a_ticket_and_its_answer_comes_back(client, site):
    # Given a visitor who writes.
    panel = Panel(client, site)
    assert panel.began["talk"] is None
    sent = panel.say("My Rondo stops and blinks red")

    # Then there is a ticket with a promise, its code is said at once, and nothing was asked that is known.
    ticket = Ticket.objects.get()
    assert ticket.channel == "chat"
    assert ticket.due is not None
    assert sent["entry"]["seq"] == 1
    assert sent["talk"]["code"] == ticket.number
    state = panel.state()
    assert [(line["seq"], line["by"]) for line in state["entries"]] == [(1, "visitor"), (2, "automatic")]
    assert ticket.number in state["entries"][1]["text"]

    # When somebody answers and adds a note.
    mara = make.agent("Mara Lind")
    ticket.assign(mara, by=mara)
    ticket.reply("Hi, I am Mara. Let it **cool** first.", by=mara)
    ticket.note("Third one this week", by=mara)
    ticket.refresh_from_db()
    ticket.reply("Does it start?", by=mara)

    # Then the visitor has their lines without a gap, and never the note.
    behind = panel.state(after=2)["entries"]
    assert [(line["seq"], line["by"], line["name"]) for line in behind] == [
        (3, "event", "Mara"),
        (4, "person", "Mara"),
        (5, "person", "Mara"),
    ]
    assert "<strong>cool</strong>" in behind[1]["html"]
    assert not any("Third" in line["text"] for line in panel.state()["entries"])


def test_the_same_message_sent_twice_is_one_line(client, site):
    panel = Panel(client, site)
    name = str(uuid4())
    first = panel.say("Hello", name)
    again = panel.say("Hello", name)
    assert again["entry"] == first["entry"]
    assert Entry.objects.filter(kind=Entry.Kind.MESSAGE).count() == 1
    assert Line.objects.filter(client_id=name).count() == 1
    assert Talk.objects.count() == 1

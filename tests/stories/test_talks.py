"""Talks: from the first word in the panel to the desk and back, and on by mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client

from ahadi.automation import speaking
from ahadi.channels.chat import following, here, queue
from ahadi.channels.models import Delivery, Line, Site, Talk
from ahadi.lib import clock
from ahadi.testing import make
from ahadi.testing.panel import Panel
from ahadi.tickets.models import Entry, Ticket
from ahadi.widget import quota
from tests.stories import mailbox

pytestmark = pytest.mark.django_db

ANNA = "anna@post.example"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Nobody has called yet."""
    cache.clear()


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


def test_a_talk_goes_on_by_mail_and_back(client, site, frozen):
    # Given a visitor who said where to reach them, an agent who answers, and a visitor who is gone.
    make.inbox(mailbox.HELP)
    panel = Panel(client, site)
    number = panel.say("My Rondo stops and blinks red")["talk"]["code"]
    state = panel.call("POST", "way", {"kind": "email", "value": ANNA})
    assert state["talk"]["way"] == {"kind": "email", "shown": "a…a@post.example"}
    panel.call("POST", "seen", {"seq": 2})
    here.go(number)
    ticket, mara = Ticket.objects.get(), make.agent("Mara Lind")
    for text in ("I asked our workshop.", "They say: let it cool.", "Does it start again?"):
        ticket.reply(text, by=mara)
    following.attend()
    assert not mails("Does it start again?")

    # When five minutes have gone.
    with clock.at(frozen + timedelta(minutes=6)):
        following.attend()
        following.attend()
        # Then there is one mail with all that was missed, and nobody's panel says that it is over.
        (mail,) = mails("Does it start again?")
        assert all(part in mailbox.text_of(mail) for part in ("workshop.", "let it cool.", "You had left"))
        assert len(mails("I asked our workshop.")) == 1
        assert not panel.state()["talk"]["is_over"]
        # And later answers go by mail at once.
        ticket.reply("One more thing.", by=mara)
        assert len(mails("One more thing.")) == 1

    # When they answer the mail, it is the same talk, and the panel has it when they come back.
    mailbox.answer(mail, "Yes, it starts!", ANNA, frozen + timedelta(minutes=30))
    with clock.at(frozen + timedelta(minutes=31)):
        (line,) = [line for line in panel.state()["entries"] if "it starts" in line["text"]]
        assert (line["by"], Ticket.objects.count()) == ("visitor", 1)
        # And what they write there is live again.
        panel.say("Thank you! One question more.")
        ticket.refresh_from_db()
        ticket.reply("Ask!", by=mara)
        assert not mails("Ask!")
        assert panel.state()["entries"][-1]["text"] == "Ask!"


def test_whoever_has_seen_it_gets_no_mail_and_an_empty_talk_is_over(client, site, frozen):
    panel = Panel(client, site)
    number = panel.say("It stops")["talk"]["code"]
    panel.call("POST", "way", {"kind": "email", "value": ANNA})
    ticket, mara = Ticket.objects.get(), make.agent("Mara Lind")
    ticket.reply("Hi there.", by=mara)
    here.go(number)
    with clock.at(frozen + timedelta(minutes=6)):
        panel.call("POST", "seen", {"seq": 99})
        assert Delivery.objects.get(entry__automatic=False).state == Delivery.State.SENT
        following.attend()
        assert not mails("Hi there.")
    # Nobody says anything any more: machines may tell of promises again.
    assert speaking.floor_of(ticket).with_person
    with clock.at(frozen + timedelta(minutes=45)):
        assert (following.attend(), following.attend()) == (1, 0)
        assert not speaking.floor_of(ticket).is_live


def test_closed_hours_take_the_message_say_the_code_and_ask_once_where_to_answer(client, site):
    make.company()
    saturday = datetime(2026, 12, 5, 20, 0, tzinfo=UTC)
    with clock.at(saturday):
        panel = Panel(client, site)
        house = panel.began["availability"]
        assert house["state"] == "closed"
        assert "Mon" in house["sentence"]
        said = panel.say("My machine leaks")
        assert said["talk"]["way_wanted"]
        told = panel.state()["entries"][1]
        assert said["talk"]["code"] in told["text"]
        assert panel.call("POST", "way", {"kind": "email", "value": "nonsense"})["code"] == "way-unreadable"
        state = panel.call("POST", "way", {"kind": "phone", "value": "+49 30 123456"})
        assert not state["talk"]["way_wanted"]
        # Nothing is asked again, by nobody.
        ticket = Ticket.objects.get()
        assert speaking.speak(ticket, "answer", "Your mail?", asks="way").reason == "known"


def test_the_head_says_what_was_measured_and_the_place_in_line(client, site, frozen):
    # Given four talks in the same hour a week ago, answered within three minutes.
    mara = make.agent("Mara Lind")
    with clock.at(frozen - timedelta(days=7)):
        for _number in range(4):
            quota.limiter().storage.reset()
            Panel(client, site).say("It stops")
        tickets = list(Ticket.objects.all())
    with clock.at(frozen - timedelta(days=7) + timedelta(minutes=3)):
        for ticket in tickets:
            ticket.reply("Hi", by=mara, solve=True)
    cache.clear()
    assert Panel(client, site).began["availability"]["sentence"] == "Open now · usually answers in 3 minutes"
    # When nobody is free and two have come before.
    first, second = Panel(client, site), Panel(client, site)
    first.say("Hello"), second.say("Hello")
    house = second.state()["availability"]
    assert (house["state"], house["place"], house["wait_minutes"]) == ("busy", 2, 6)
    assert Panel(client, site).began["availability"]["place"] == 3


def test_a_wish_for_a_person_is_heard_and_said(client, site):
    panel = Panel(client, site)
    panel.say("It stops")
    panel.say("می‌خواهم با یک آدم صحبت کنم")
    assert [line["by"] for line in panel.state()["entries"]] == ["visitor", "automatic", "visitor", "event"]
    assert panel.call("POST", "person")["entries"][-1]["seq"] == 4


def test_a_talk_that_is_ended_leaves_a_request_and_another_begins(client, site):
    panel = Panel(client, site)
    first = panel.say("It stops")["talk"]["code"]
    assert panel.call("POST", "end")["talk"]["is_over"]
    assert panel.call("POST", "talks")["talk"] is None
    second = panel.say("Another matter")["talk"]["code"]
    assert first != second
    assert panel.call("POST", "open", {"code": first})["talk"]["code"] == first
    assert Ticket.objects.filter(status="open").count() == 2


def mails(text: str) -> list[EmailMessage]:
    """The mails of ours to Anna that say this."""
    return [mail for mail in mailbox.received(ANNA) if text in mailbox.text_of(mail)]


def test_at_the_desk_an_agent_joins_answers_at_once_and_ends_with_a_summary(client, site, live_desk):
    # Given a visitor who waits, and who writes while Mara does.
    panel, (mara, desk) = Panel(client, site), live_desk
    panel.say("My Rondo stops")
    ticket = Ticket.objects.get()
    page = desk.get(f"/desk/open/{ticket.number}/").content.decode()
    assert "not proven" in page
    panel.say("Are you there?")

    # When she answers from the page she opened before.
    answer = desk.post(
        f"/desk/open/{ticket.number}/replies/",
        {"kind": "reply", "text": "Hi, I am Mara.", "seq": 1, "then": "open"},
    )
    assert answer.status_code == 302
    # Then it is there at once, and who comes is said before.
    assert [(line["by"], line["name"]) for line in panel.state()["entries"][-2:]] == [
        ("event", "Mara"),
        ("person", "Mara"),
    ]
    # And the visitor reads that she has seen it.
    desk.post("/desk/presences/", {"number": ticket.number, "state": "looking", "tab": "one"})
    assert panel.state()["talk"]["seen_text"].startswith("Seen by Mara")

    # When she hands back and ends the talk with what was agreed.
    desk.post(f"/desk/open/{ticket.number}/chat/back/")
    assert not speaking.floor_of(ticket).with_person
    desk.post(
        f"/desk/open/{ticket.number}/chat/ending/", {"summary": "You let it cool; we ask the workshop."}
    )
    last = panel.state()
    assert [line["by"] for line in last["entries"][-3:]] == ["event", "person", "event"]
    assert last["talk"]["is_over"]
    assert last["talk"]["next"] is not None
    page = desk.get(f"/desk/open/{ticket.number}/").content.decode()
    assert "ended the talk" in page
    assert mara.first_name in last["talk"]["next"]["who"]


@pytest.fixture
def live_desk(db):
    """Mara at her desk."""
    mara, desk = make.agent("Mara Lind"), Client()
    desk.force_login(mara)
    return mara, desk


def test_whoever_waits_in_line_hears_when_they_move_on(client, site, frozen):
    first, second = Panel(client, site), Panel(client, site)
    first.say("Hello")
    second.say("Hello")
    assert "number 2" in second.state()["entries"][1]["text"]
    with clock.at(frozen + timedelta(minutes=4)):
        # Nothing has changed: nothing is said.
        assert queue.attend() == 0
        first.call("POST", "end")
        assert queue.attend() == 1
        assert second.state()["entries"][-1]["text"] == "You are number 1 in line now."
        assert queue.attend() == 0


def test_whoever_only_looked_is_forgotten_after_a_month(client, site, frozen):
    looked, wrote = Panel(client, site), Panel(client, site)
    wrote.say("Hello")
    with clock.at(frozen + timedelta(days=31)):
        assert following.tidy() == 1
    assert looked.state()["code"] == "session-unknown"
    assert Talk.objects.count() == 1

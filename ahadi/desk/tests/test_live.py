"""What agents hear while their desk is open: changes of what they may see, and who is there."""

from __future__ import annotations

import threading

import pytest
from django.conf import settings

from ahadi.desk import presence, sketches
from ahadi.desk.live import FAR, Desk
from ahadi.lib.streams import Asked
from ahadi.people.models import Session
from ahadi.testing import make
from ahadi.tickets import chores
from ahadi.tickets.said import Said

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def stream() -> Desk:
    """The door of the stream, with nobody at it yet."""
    return Desk()


@pytest.fixture
def sit(client, stream):
    """Lets an agent sit down at the stream: signed in, admitted, with the opening heard."""

    def down(agent):
        client.force_login(agent)
        seat = stream.admit(asked(client))
        stream.begin()
        list(stream.opening(seat, None))
        return seat

    return down


def asked(client, after: int | None = None) -> Asked:
    name = settings.SESSION_COOKIE_NAME
    return Asked({name: client.cookies[name].value} if name in client.cookies else {}, {}, after)


def named(events, name: str) -> list:
    return [event.data for event in events if event.name == name]


def write(ticket, text: str = "It still stops.") -> None:
    ticket.receive(Said(kind="message", text=text, by=ticket.requester))


def test_only_somebody_who_is_signed_in_may_listen(client, stream):
    nobody = stream.admit(asked(client))
    client.force_login(make.agent())

    somebody = stream.admit(asked(client))

    assert nobody is None
    assert somebody is not None
    assert stream.remain([somebody]) == {somebody.key}


@pytest.mark.parametrize("session", ["", "none", "\0", "a\0b", "é" * 32, "a" * 4_000, "' OR 1=1 --"])
def test_whatever_stands_in_the_cookie_a_stranger_stays_one(stream, session):
    assert stream.admit(Asked({settings.SESSION_COOKIE_NAME: session}, {}, None)) is None


@pytest.mark.parametrize("end", ["signed out", "deactivated", "over", "forged"])
def test_who_is_signed_out_or_sent_away_does_not_remain(client, stream, end):
    agent = make.agent()
    client.force_login(agent)
    seat = stream.admit(asked(client))

    if end == "signed out":
        client.logout()
    elif end == "deactivated":
        agent.is_active = False
        agent.save()
    elif end == "over":
        Session.objects.update(expire_date="2020-01-01T00:00Z")
    else:
        agent.set_password("another")
        agent.save()

    assert stream.remain([seat]) == set()


def test_a_message_is_told_by_number_and_kind_without_a_word_of_it(sit, stream):
    ticket = make.ticket()
    seat = sit(make.agent())

    write(ticket, "My secret is 1234.")
    told = stream.look([seat])[seat.key]

    assert named(told, "ticket") == [
        {"number": ticket.number, "seq": ticket.last_seq, "kinds": ["message"], "is_new": False}
    ]
    assert "1234" not in str(told)
    assert stream.look([seat]) == {}


def test_a_new_ticket_is_told_as_new(sit, stream):
    seat = sit(make.agent())

    ticket = make.ticket()

    (told,) = named(stream.look([seat])[seat.key], "ticket")
    assert (told["number"], told["is_new"]) == (ticket.number, True)


def test_what_an_agent_may_not_see_is_not_told_to_them(sit, stream):
    other = make.team("Billing")
    ticket = make.ticket(team=other)
    seat = sit(make.agent())

    write(ticket)
    presence.say(ticket.number, make.agent("Ioana Pop"), "t1", writes=True)
    presence.touch(ticket.number)
    told = stream.look([seat]).get(seat.key, [])

    assert ticket.number not in str(told)
    assert named(told, "ticket") == []


def test_a_ticket_that_leaves_somebodys_lists_is_told_without_its_number(sit, stream):
    ticket = make.ticket()
    seat = sit(make.agent())

    ticket.hand_to(make.team("Billing"), by=None)
    told = stream.look([seat])[seat.key]

    assert named(told, "lists") == [{}]
    assert ticket.number not in str(told)


def test_what_one_does_oneself_is_no_news_but_the_page_hears_of_it(sit, stream):
    ticket, agent = make.ticket(), make.agent()
    seat = sit(agent)

    ticket.note("Seen.", by=agent)

    (told,) = named(stream.look([seat])[seat.key], "ticket")
    assert told["kinds"] == []


def test_who_was_away_hears_what_was_missed_and_goes_on_without_a_gap(sit, stream):
    ticket = make.ticket()
    seat = sit(make.agent())
    before = stream.place
    write(ticket)
    stream.look([seat])
    stream.begin()

    missed = list(stream.opening(seat, before))
    nothing = list(stream.opening(seat, stream.place))

    assert [each["seq"] for each in named(missed, "ticket")] == [ticket.last_seq]
    assert named(missed, "hello")
    assert named(nothing, "ticket") == []


def test_who_was_away_for_very_long_reads_anew(sit, stream, monkeypatch):
    monkeypatch.setattr("ahadi.desk.live.FAR", 2)
    seat = sit(make.agent())
    before = stream.place
    for _ in range(3):
        make.ticket()
    stream.begin()

    assert named(stream.opening(seat, before), "reset") == [{}]
    assert FAR > 2


def test_colleagues_see_who_looks_and_who_writes_but_not_themselves(sit, stream):
    ticket, ioana = make.ticket(), make.agent("Ioana Pop")
    seat = sit(make.agent())
    presence.say(ticket.number, ioana, "t1", writes=False)
    presence.say(ticket.number, seat.agent, "t9", writes=True)

    looks = named(stream.look([seat])[seat.key], "here")
    presence.say(ticket.number, ioana, "t2", writes=True)
    writes = named(stream.look([seat])[seat.key], "here")
    presence.leave(ticket.number, ioana, "t2")
    presence.leave(ticket.number, ioana, "t1")
    gone = named(stream.look([seat])[seat.key], "here")

    assert looks == [{ticket.number: [["Ioana Pop", "IP", "", False]]}]
    assert writes == [{ticket.number: [["Ioana Pop", "IP", "", True]]}]
    assert gone == [{}]


def test_an_answer_about_to_leave_is_told_although_it_is_no_entry(sit, stream):
    ticket = make.ticket()
    seat = sit(make.agent())

    presence.touch(ticket.number)

    (told,) = named(stream.look([seat])[seat.key], "ticket")
    assert (told["number"], told["seq"]) == (ticket.number, 0)
    assert stream.look([seat]) == {}


def test_the_opening_names_the_tickets_where_somebody_has_begun_to_write(sit, stream):
    ticket, agent = make.ticket(), make.agent()
    sketches.keep(ticket, agent, "reply", "We are loo", seen=0)
    seat = sit(agent)

    assert named(stream.opening(seat, None), "hello") == [{"drafts": [ticket.number]}]


def test_the_mark_changes_with_presence(sit, stream):
    ticket = make.ticket()
    sit(make.agent())
    before = stream.mark()

    writer = threading.Thread(target=presence.touch, args=(ticket.number,))
    writer.start()
    writer.join()

    assert stream.mark() != before


def test_a_page_says_that_somebody_is_there_and_hears_how_far_the_talk_has_come(desk, agent):
    ticket = make.ticket()

    answer = desk.post("/desk/presences/", {"number": ticket.number, "state": "writing", "tab": "a1"})
    there = presence.people(_notes())
    desk.post("/desk/presences/", {"number": ticket.number, "state": "gone", "tab": "a1"})

    assert answer.json() == {"seq": ticket.last_seq}
    assert [(each.name, each.writes) for each in there[ticket.number]] == [(agent.name, True)]
    assert ticket.number not in presence.people(_notes())


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"state": "sleeping"}, 422),
        ({"number": "x"}, 422),
        ({"tab": "<b>"}, 422),
        ({"number": "K7QF-9T2M-XR4D"}, 404),
    ],
)
def test_nobody_is_at_a_ticket_that_is_not_there(desk, wrong, status):
    given = {"number": make.ticket().number, "state": "looking", "tab": "a1"}

    assert desk.post("/desk/presences/", given | wrong).status_code == status


def test_nobody_is_at_a_ticket_they_may_not_see(desk):
    ticket = make.ticket(team=make.team("Billing"))

    answer = desk.post("/desk/presences/", {"number": ticket.number, "state": "looking", "tab": "a1"})

    assert answer.status_code == 404
    assert ticket.number not in presence.people(_notes())


def test_a_page_that_brings_itself_up_to_date_leaves_messages_to_the_next(desk):
    ticket = make.ticket()
    url = f"/desk/open/{ticket.number}/"
    desk.post(url + "drafts/1/withdrawal/")

    live = desk.get(url, headers={"X-Live": "1"}).content.decode()
    page = desk.get(url).content.decode()

    assert "It had left already" not in live
    assert "It had left already" in page


def test_what_a_page_fetches_ahead_was_not_read_by_anybody_until_it_is_shown(desk, agent):
    ticket = make.ticket()
    chores.forget_readings()

    desk.get(f"/desk/open/{ticket.number}/", headers={"X-Live": "1"})
    fetched = chores.readings(ticket)
    desk.post("/desk/presences/", {"number": ticket.number, "state": "looking", "tab": "a1"})

    assert fetched == []
    assert [name for name, _day in chores.readings(ticket)] == [agent.name]


def _notes():
    from ahadi.lib.board import board

    return board().read()

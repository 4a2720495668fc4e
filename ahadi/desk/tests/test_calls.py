"""Calls at the desk: they ring, one accepts, and what came of them is written down with a promise."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ahadi.channels.models import Call
from ahadi.channels.phone import calls, numbers, rounds
from ahadi.complaints.models import Complaint, Rules
from ahadi.desk.live import Desk
from ahadi.desk.tests.test_live import asked, named
from ahadi.lib import board as boards
from ahadi.lib import clock
from ahadi.people import identify
from ahadi.people.models import Address
from ahadi.promises.models import Promise
from ahadi.routing import ringing
from ahadi.routing.models import Ring
from ahadi.testing import make
from ahadi.tickets.models import Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def board(tmp_path, monkeypatch):
    """A board with nothing on it."""
    found = boards.Board(tmp_path / "board.sqlite3")
    for module in ("ahadi.routing.ringing", "ahadi.desk.live", "ahadi.desk.presence"):
        monkeypatch.setattr(f"{module}.board", lambda: found)
    return found


@pytest.fixture
def number():
    """A customer's phone number."""
    make.company()
    return identify.find_or_create(Address.Kind.PHONE, "+442079460182", "Anna Kern", "en")


@pytest.fixture
def wished(agent, number, django_capture_on_commit_callbacks):
    """A wish to be called now, while the agent's desk is open."""
    ringing.sit([agent.pk])
    with django_capture_on_commit_callbacks(execute=True):
        return calls.ask(calls.Wish(number, "The grinder stops.", "en"))


def page(answer) -> str:
    return answer.content.decode().partition("<main")[2]


def test_a_ring_is_told_to_the_desks_it_is_for_and_shown_with_who_and_why(client, wished, agent, desk):
    stream = Desk()
    seat = stream.admit(asked(client))
    stream.begin()

    opening = list(stream.opening(seat, None))
    panel = client.get("/desk/rings/").content.decode()

    assert named(opening, "ring") == [{"rings": [f"ring/{wished.ring.pk}"]}]
    assert "Anna Kern" in panel
    assert "The grinder stops." in panel
    assert f"/desk/rings/{wished.ring.pk}/acceptance/" in panel


def test_a_desk_shows_two_rings_and_none_of_who_has_left_the_chat(
    client, agent, desk, number, board, monkeypatch
):
    monkeypatch.setattr("ahadi.channels.chat.here.board", lambda: board)
    ringing.sit([agent.pk])
    here_still, *_others = tickets = [make.ticket(text=f"Talk {count}", channel="chat") for count in range(4)]
    for ticket in tickets:
        ringing.ring(ticket, Ring.Cause.TALK)

    at_once = client.get("/desk/rings/").content.decode()
    with clock.at(clock.now() + 5 * MINUTE):
        board.put(here_still.number, "visitor", {}, 100)
        later = client.get("/desk/rings/").content.decode()

    assert at_once.count("data-accept") == 2
    assert "2 more wait" in at_once
    assert later.count("data-accept") == 1
    assert "Talk 0" in later


def test_an_open_desk_says_that_somebody_is_there_and_hears_of_the_end(client, agent, desk, number, board):
    stream = Desk()
    seat = stream.admit(asked(client))
    stream.begin()
    list(stream.opening(seat, None))
    stream.look([seat])
    assert ringing.desks().agents == {agent.pk}
    ring = Ring.objects.create(ticket=make.ticket(), team=make.team(), cause="talk", asked=clock.now())

    board.put(ringing.RINGS, str(ring.pk), [agent.pk], 30)
    begun = named(stream.look([seat])[seat.key], "ring")
    board.take(ringing.RINGS, str(ring.pk))
    ended = named(stream.look([seat])[seat.key], "ring")

    assert (begun, ended) == ([{"rings": [f"ring/{ring.pk}"]}], [{"rings": []}])


def test_accepting_opens_the_call_and_the_second_hears_who_was_faster(client, wished, agent):
    other = make.agent("Noa Levi")
    client.force_login(other)
    first = client.post(f"/desk/rings/{wished.ring.pk}/acceptance/")
    client.force_login(agent)
    second = client.post(f"/desk/rings/{wished.ring.pk}/acceptance/", follow=True)

    wished.refresh_from_db()
    assert first["Location"] == f"/desk/open/{wished.ticket.number}/call/"
    assert wished.agent == other
    assert "Noa Levi was faster." in second.content.decode()


def test_not_now_leaves_the_ring_for_others(client, wished, agent, desk):
    assert client.post(f"/desk/rings/{wished.ring.pk}/refusal/", headers={"X-Live": "1"}).status_code == 204

    assert Ring.objects.get().rings_at == []
    assert client.get("/desk/rings/").content.strip() == b""


def test_what_was_said_is_an_answer_that_the_customer_reads(client, wished, agent, desk):
    path = f"/desk/open/{wished.ticket.number}/call/"
    client.post(f"/desk/rings/{wished.ring.pk}/acceptance/")
    opened = page(client.get(path))
    empty = client.post(path, {"direction": "out", "outcome": "reached"})
    told = {"direction": "out", "outcome": "reached", "text": "A new one leaves today.", "step": "It arrives"}

    answer = client.post(path, {**told, "due": "2026-12-03T12:00"})

    assert 'href="tel:+44-20-7946-0182"' in opened
    assert "The grinder stops." in opened
    assert (empty.status_code, answer.status_code) == (422, 302)
    ticket = Ticket.objects.get()
    entry = ticket.entries.get(code="call")
    assert (entry.kind, entry.channel, entry.agent) == ("reply", "phone", agent)
    assert (ticket.step_text, ticket.assignee) == ("It arrives", agent)
    wished.refresh_from_db()
    assert (wished.outcome, wished.entry, wished.ring.finished) == ("reached", entry, clock.now())
    assert Promise.objects.filter(kept__isnull=False).count() == 1


def test_an_attempt_in_vain_promises_the_next_one_up_to_three_times(client, wished, agent, desk):
    path, now = f"/desk/open/{wished.ticket.number}/call/", clock.now()

    for attempt in (1, 2, 3):
        with clock.at(now + attempt * 40 * MINUTE):
            rounds.attend()
            client.post(f"/desk/rings/{Ring.objects.latest('pk').pk}/acceptance/")
            client.post(path, {"direction": "out", "outcome": "unreached", "text": "No answer."})

    ticket = Ticket.objects.get()
    found = list(Call.objects.order_by("pk").values_list("attempt", "outcome"))
    assert found == [(1, "unreached"), (2, "unreached"), (3, "unreached")]
    tried = [entry.words.data["again"] for entry in ticket.entries.filter(code="call_tried").order_by("seq")]
    assert tried[0] == (now + 70 * MINUTE).isoformat()
    assert tried[2] == ""
    assert (ticket.step_code, ticket.due > now) == (Ticket.Step.NEWS, True)
    assert not ticket.entries.filter(kind="reply").exists()


def test_never_by_phone_asks_for_a_reason_that_is_written_down(client, agent, desk, number):
    ticket = make.ticket(by=number)
    number.customer.avoided = ["phone"]
    number.customer.save()
    path, told = (
        f"/desk/open/{ticket.number}/call/",
        {"direction": "out", "outcome": "unreached", "writes": "on"},
    )

    warned, refused = client.get(path), client.post(path, told)
    client.post(path, {**told, "against": "The parcel was dangerous."})

    assert "never wants to be called" in page(warned)
    assert refused.status_code == 422
    assert ticket.entries.get(code="against_wish").words.data["reason"] == "The parcel was dangerous."


def test_an_attempt_without_any_known_number_promises_no_call_and_refuses_one(client, agent, desk):
    ticket = make.ticket()
    where, tried = f"/desk/open/{ticket.number}/call/", {"outcome": "unreached", "direction": "out"}

    refused = client.post(where, {**tried, "again": "2026-12-03T10:00"})
    written = client.post(where, tried)

    assert refused.status_code == 422
    assert 'id="id_again-error"' in refused.content.decode()
    assert written.status_code == 302
    assert not Call.objects.open().exists()


def test_a_call_that_came_in_is_written_down_on_an_open_ticket(client, agent, desk, number):
    ticket = make.ticket(by=number)
    path = f"/desk/open/{ticket.number}/call/"

    shown = page(client.get(f"{path}?direction=in"))
    client.post(path, {"direction": "in", "outcome": "reached", "text": "Told them to wait.", "solve": "on"})

    assert 'value="in"' in shown
    ticket.refresh_from_db()
    call = Call.objects.get()
    assert (call.direction, call.outcome, call.agent, ticket.is_solved) == ("in", "reached", agent, True)


def test_a_call_about_something_new_becomes_a_ticket_with_a_promise(client, agent, desk):
    make.company(phone="+44 20 7946 0000")
    told = {"number": "020 7946 0182", "name": "Anna", "language": "fa", "wish": "The lamp is broken."}

    wrong = client.post("/desk/calls/new/", {**told, "number": "12"})
    client.post(
        "/desk/calls/new/", {**told, "text": "We send one.", "due": "2026-12-03T12:00", "step": "It leaves"}
    )

    ticket = Ticket.objects.get()
    assert wrong.status_code == 422
    assert (ticket.channel, ticket.language, ticket.assignee) == ("phone", "fa", agent)
    assert (ticket.address.value, ticket.step_text) == ("+442079460182", "It leaves")
    assert [entry.kind for entry in ticket.entries.exclude(kind="event").order_by("seq")] == [
        "message",
        "reply",
    ]


def test_the_page_of_calls_shows_who_waits_and_what_was_measured(client, agent, desk, wished):
    for seconds in (10, 20, 30, 40, 90):
        ring = ringing.ring(make.ticket())
        with clock.at(clock.now() + timedelta(seconds=seconds)):
            ringing.accept(ring, make.agent())
            ringing.finish(ring)

    shown = page(client.get("/desk/calls/"))
    client.post("/desk/rings/quiet/", {"quiet": "1"})

    assert "Anna Kern" in shown
    assert "1 minute" in shown
    assert "it rang within 20 seconds for 100 %" in shown
    agent.refresh_from_db()
    assert agent.preferences[ringing.QUIET]


def test_an_agent_reaches_no_ring_of_a_team_that_is_not_theirs(client, wished):
    client.force_login(make.agent("Ben Other", teams=[make.team("Billing")]))

    assert client.get("/desk/rings/").content.strip() == b""
    assert client.post(f"/desk/rings/{wished.ring.pk}/acceptance/").status_code == 404
    assert client.post(f"/desk/rings/{wished.ring.pk}/refusal/").status_code == 404


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("+44 20 7946 0182", "+442079460182"),
        ("020 7946 0182", "+442079460182"),
        ("۰۲۰ ۷۹۴۶ ۰۱۸۲", "+442079460182"),
    ],
)
def test_numbers_are_read_as_people_write_them(typed, read):
    make.company(phone="+44 20 7946 0000")

    assert numbers.read(typed) == read


def test_an_agent_hands_in_a_complaint_for_a_caller_and_takes_no_part_in_it(client, agent, desk, number):
    management = make.agent("Ada Chief", teams=[Rules.founded().team])
    ticket = make.ticket(by=number)
    ticket.reply("It is not covered.", by=agent)
    path = f"/desk/open/{ticket.number}/formal-complaint/"
    told = {"problem": "They refuse a repair under warranty.", "wish": "A repair."}

    unread = client.post(path, told)
    done = client.post(path, {**told, "is_read": "on"}, follow=True)

    complaint = Complaint.objects.get()
    assert unread.status_code == 422
    assert complaint.number in done.content.decode()
    assert (complaint.about, complaint.handler) == (ticket, management)
    assert complaint.ticket.requester == ticket.requester
    assert complaint.ticket.entries.get(code="complaint").agent == agent
    assert client.get(f"/desk/open/{complaint.ticket.number}/formal-complaint/").status_code == 404

"""To be called: now or at a time, told truly, taken back, and never against somebody's wish."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ahadi.channels.models import Call
from ahadi.channels.phone import calls, rounds, slots
from ahadi.lib import clock
from ahadi.lib.board import Board
from ahadi.people.models import Address, Team
from ahadi.portal.tests.visits import WEDNESDAY, ask, key_in
from ahadi.promises.models import Promise
from ahadi.routing import ringing
from ahadi.routing.models import Ring
from ahadi.testing import make
from ahadi.tickets.models import Ticket

pytestmark = [pytest.mark.django_db]

NUMBER = "+44 20 7946 0182"
VALUE = "+442079460182"


@pytest.fixture(autouse=True)
def board(tmp_path, monkeypatch):
    """A board with nothing on it."""
    found = Board(tmp_path / "board.sqlite3")
    monkeypatch.setattr(ringing, "board", lambda: found)
    return found


def wish(client, at=WEDNESDAY, **fields):
    """Open the page, take a minute to fill it in, and send it."""
    with clock.at(at - timedelta(minutes=1)):
        key = key_in(client.get("/call/"))
    with clock.at(at):
        return client.post("/call/", {"key": key, "phone": NUMBER, "when": "now", **fields})


def code_in(answer):
    assert answer.status_code == 302, answer.content.decode().partition("<main")[2]
    return answer["Location"].split("/")[2]


def test_call_me_now_rings_promises_and_gives_the_code(client):
    make.company()
    mara = make.agent()
    ringing.sit([mara.pk])

    number = code_in(wish(client, text="The grinder stops.", name="Anna"))

    ticket = Ticket.objects.get(number=number)
    call = Call.objects.get()
    assert (call.ticket, call.address.value, call.wanted) == (ticket, VALUE, None)
    assert call.ring.rings_at == [mara.pk]
    assert call.ring.begun - call.ring.asked < timedelta(seconds=1)
    assert (ticket.step_code, ticket.due) == (Ticket.Step.CALL, WEDNESDAY + ringing.SOONEST)
    assert Promise.objects.open().get().due == ticket.due
    assert ticket.entries.get(seq=1).words.text == "The grinder stops."
    with clock.at(WEDNESDAY):
        page = client.get(f"/r/{number}/asked/").content.decode()
    assert "Next a person calls you." in page
    assert number in page


def test_with_nobody_free_it_says_so_and_promises_a_time_by_the_queue(client):
    make.company()

    with clock.at(WEDNESDAY):
        page = client.get("/call/").content.decode()
    code_in(wish(client))

    assert "Nobody is free this moment" in page
    assert Ring.objects.get().begun is None
    assert Ticket.objects.get().due == WEDNESDAY + timedelta(hours=2)


def test_a_time_is_chosen_in_the_visitors_own_zone_and_it_rings_then(client):
    make.company()
    client.cookies["time_zone"] = "Asia/Tehran"
    client.cookies["language"] = "fa"
    with clock.at(WEDNESDAY):
        page = client.get("/call/").content.decode()
    chosen = WEDNESDAY + timedelta(hours=4)

    number = code_in(wish(client, when=chosen.isoformat()))

    # 14:00 in UTC is 17:30 in Tehran.
    assert "۱۷:۳۰–۱۸:۰۰" in page
    assert "۱۱ آذر" in page
    ticket = Ticket.objects.get(number=number)
    assert (ticket.due, ticket.language) == (chosen + slots.LENGTH, "fa")
    with clock.at(chosen - timedelta(seconds=1)):
        assert rounds.attend() == 0
    with clock.at(chosen):
        assert rounds.attend() == 1
        assert rounds.attend() == 0
    assert Call.objects.get().ring.asked == chosen


def test_slots_lie_within_the_opening_hours_and_are_not_given_twice(client):
    make.company(holidays={"2026-12-03": "National Day"})
    with clock.at(datetime.fromisoformat("2026-12-02T16:05:00+00:00")):
        found = slots.free(Team.first())

    assert [each.isoformat()[5:16] for each in found[:2]] == ["12-02T16:30", "12-04T09:00"]
    assert found[-1].isoformat()[5:16] == "12-08T16:30"
    chosen = WEDNESDAY + timedelta(hours=4)
    code_in(wish(client, when=chosen.isoformat()))
    second = wish(client, when=chosen.isoformat(), phone="+44 20 7946 0183")
    assert second.status_code == 422
    assert "This time is taken by now" in second.content.decode()


def test_closed_hours_offer_times_only(client):
    make.company()
    sunday = datetime.fromisoformat("2026-12-06T10:00:00+00:00")

    with clock.at(sunday):
        page = client.get("/call/").content.decode()

    assert "Closed now" in page
    assert "As soon as possible" not in page
    assert wish(client, at=sunday).status_code == 422


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("12", "not complete"),
        ("+44 20", "not complete"),
        ("call me", "not complete"),
        ("+44 909 879 0000", "this kind of number"),
        ("", "We need a number"),
    ],
)
def test_a_number_that_cannot_be_called_is_refused_with_a_reason(client, number, said):
    make.company()

    answer = wish(client, phone=number)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Ticket.objects.exists()


def test_never_by_phone_is_obeyed_and_one_number_is_not_called_for_everybody(client):
    make.company()
    number = make.ticket(by=_phone(VALUE)).address
    number.customer.avoided = ["phone"]
    number.customer.save()

    assert "We cannot call this number" in wish(client).content.decode()

    number.customer.avoided = []
    number.customer.save()
    answers = [wish(client).status_code for _each in range(3)]
    assert answers == [302, 302, 422]


def test_a_call_about_a_request_goes_to_it_and_asks_nothing_twice(client):
    make.company()
    number = ask(client, phone=NUMBER, email="", way="phone")
    with clock.at(WEDNESDAY):
        page = client.get(f"/call/?about={number}").content.decode()

    answer = wish(client, about=number)

    assert answer["Location"] == f"/r/{number}/"
    assert 'value="+44 20 7946 0182"' in page
    assert Ticket.objects.count() == 1
    assert Call.objects.get().ticket.number == number
    with clock.at(WEDNESDAY):
        follow = client.get(f"/r/{number}/").content.decode()
        assert "We call you" in follow
        client.post(f"/r/{number}/call/withdrawal/")
        after = client.get(f"/r/{number}/").content.decode()
    assert "I need no call any more" in follow
    assert "I need no call any more" not in after
    call = Call.objects.get()
    assert (call.outcome, call.ring.why) == ("withdrawn", "withdrawn")


def test_a_stranger_cannot_withdraw_a_call(client, client_of_somebody_else):
    make.company()
    number = code_in(wish(client))

    client_of_somebody_else.post(f"/r/{number}/call/withdrawal/")

    assert Call.objects.get().outcome == ""


def test_the_page_tells_what_was_measured_and_nothing_before_it_was(client):
    make.company()
    with clock.at(WEDNESDAY):
        before = client.get("/call/").content.decode()
        for seconds in (30, 60, 90, 120, 500):
            asked = ringing.ring(make.ticket())
            with clock.at(clock.now() + timedelta(seconds=seconds)):
                ringing.accept(asked, make.agent())
        after = client.get("/call/").content.decode()

    assert "In the last 30 days" not in before
    assert "In the last 30 days 5 people were called: half of them within 2 minutes" in after


def _phone(value):
    from ahadi.people import identify

    return identify.find_or_create(Address.Kind.PHONE, value, "Anna Kern", "en")


def test_calls_are_told_to_the_customer_until_their_end(client):
    make.company()
    mara = make.agent("Mara Lind")
    ringing.sit([mara.pk])
    number = code_in(wish(client))
    ticket = Ticket.objects.get(number=number)

    with clock.at(WEDNESDAY + timedelta(seconds=30)):
        calls.accept(Ring.objects.get(), mara)
        accepted = client.get(f"/r/{number}/").content.decode()
        ticket.refresh_from_db()
        calls.write_down(ticket, calls.Outcome("unreached"), by=mara)
        tried = client.get(f"/r/{number}/").content.decode()
        spoke = calls.Outcome("reached", text="We send a new grinder.", step="The parcel leaves")
        calls.write_down(ticket, spoke, by=mara)
        reached = client.get(f"/r/{number}/").content.decode()

    assert "Mara calls you now" in accepted
    assert "We called you, and nobody answered" in tried
    assert "We send a new grinder." in reached
    assert "The parcel leaves" in reached
    assert not Call.objects.open().exists()

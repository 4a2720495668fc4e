"""The door for formal complaints, from the empty page to the copy in the hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ahadi.complaints import handling, papers
from ahadi.complaints.models import Complaint, Rules
from ahadi.lib import clock
from ahadi.people.models import Team
from ahadi.portal.tests.visits import WEDNESDAY, ask, key_in
from ahadi.testing import make
from ahadi.tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def chief():
    make.company(time_zone="UTC")
    team = Team.objects.create(name="Management", is_private=True)
    Rules.objects.create(pk=1, team=team, profile="ro_og_27_2002")
    return make.lead("Elena Pop", teams=[team])


def hand_in(client, **fields):
    with clock.at(WEDNESDAY):
        key = key_in(client.get("/complain/"))
    given = {
        "problem": "The line is still dead.",
        "wish": "My money back",
        "name": "Ioana Pop",
        "email": "ioana@post.example",
        "language": "en",
        "key": key,
        **fields,
    }
    with clock.at(WEDNESDAY + timedelta(minutes=1)):
        return client.post("/complain/", given)


def page_of(client, path):
    with clock.at(WEDNESDAY + timedelta(minutes=2)):
        return client.get(path)


def test_a_complaint_is_handed_in_without_an_account_and_gets_its_number(client):
    answer = hand_in(client)

    complaint = Complaint.objects.get()
    assert answer["Location"] == f"/r/{complaint.ticket.number}/complaint/"
    shown = page_of(client, answer["Location"]).content.decode()
    assert complaint.number in shown
    assert "Elena Pop" in shown
    assert "1 January" in shown
    assert "National Authority for Consumer Protection" in shown


def test_the_copy_and_the_chronology_are_for_this_customer_only(client):
    hand_in(client)
    complaint = Complaint.objects.get()
    papers.draw(complaint)
    for part in ("copy", "chronology"):
        path = f"/r/{complaint.ticket.number}/complaint/{part}/"
        mine, others = page_of(client, path), page_of(type(client)(), path)
        assert mine.content.startswith(b"%PDF")
        assert mine["Cache-Control"] == "no-store, private"
        assert others.status_code == 404


def test_without_a_name_nothing_is_lost(client):
    answer = hand_in(client, name="", situation="On 3 May the line broke.")

    assert answer.status_code == 422
    assert "A formal complaint needs a name." in answer.content.decode()
    assert "On 3 May the line broke." in answer.content.decode()
    assert not Complaint.objects.exists()


def test_pressed_twice_it_is_one_complaint(client):
    with clock.at(WEDNESDAY):
        key = key_in(client.get("/complain/"))

    hand_in(client, key=key)
    hand_in(client, key=key)

    assert Complaint.objects.count() == 1


def test_it_names_the_request_it_is_about_and_keeps_its_agents_out(client, chief):
    number = ask(client)
    agent = make.lead("Jonas Berg", teams=[make.team(), chief.teams.get()])
    with clock.at(WEDNESDAY):
        assert number in client.get(f"/complain/?about={number}").content.decode()
        Ticket.objects.get(number=number).reply("Please restart it.", by=agent)

    hand_in(client, about=number, email="")

    complaint = Complaint.objects.get()
    assert complaint.about is not None
    assert complaint.about.number == number
    assert complaint.ticket.requester == complaint.about.requester
    assert list(complaint.ticket.barred.all()) == [agent]


def test_whoever_is_named_takes_no_part(client, chief):
    hand_in(client, against="elena POP from the shop")

    complaint = Complaint.objects.get()
    assert complaint.handler is None
    assert (
        "We are choosing somebody"
        in page_of(client, f"/r/{complaint.ticket.number}/complaint/").content.decode()
    )


def test_the_page_tells_the_decision(client, chief):
    hand_in(client)
    complaint = Complaint.objects.get()

    with clock.at(WEDNESDAY + timedelta(days=3)):
        handling.decide(complaint, Complaint.Outcome.UPHELD, "You are right.", by=chief)

    with clock.at(WEDNESDAY + timedelta(minutes=3)):
        shown = client.get(f"/r/{complaint.ticket.number}/complaint/").content.decode()
    assert "Upheld" in shown


def test_a_stranger_with_the_code_learns_nothing(client):
    hand_in(client)
    number = Complaint.objects.get().ticket.number

    answer = page_of(type(client)(), f"/r/{number}/complaint/")

    assert answer.status_code == 302
    assert answer["Location"] == f"/r/{number}/"


def test_the_page_of_a_request_leads_to_the_door_and_of_a_complaint_to_its_number(client):
    number = ask(client)
    hand_in(client)
    complaint = Complaint.objects.get().ticket.number

    assert f"/complain/?about={number}" in page_of(client, f"/r/{number}/").content.decode()
    assert f"/r/{complaint}/complaint/" in page_of(client, f"/r/{complaint}/").content.decode()

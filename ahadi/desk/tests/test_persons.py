"""Two customers who are one person, seen together beside the talk and taken apart again."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from ahadi.testing import make
from ahadi.tickets import persons
from tests.access.world import proven

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    """A ticket asked from home."""
    make.company()
    return make.ticket(by=make.address("anna@home.example", "Anna Kern"), subject="The grinder stops")


@pytest.fixture
def work():
    """A ticket of the same person, asked from elsewhere."""
    return make.ticket(by=make.address("a.kern@work.example", "A. Kern"), subject="Invoice for the office")


def page_of(client, ticket) -> str:
    return client.get(reverse("desk:ticket", args=["open", ticket.number])).content.decode()


def say(client, ticket, who):
    return client.post(reverse("desk:person", args=["open", ticket.number]), {"who": who}, follow=True)


@pytest.mark.parametrize("who", ["a.kern@work.example", "A.Kern@Work.example", "code"])
def test_both_are_seen_beside_the_talk(client, anna, work, who):
    client.force_login(make.agent())

    page = say(client, anna, work.number.lower() if who == "code" else who).content.decode()

    for ticket in (anna, work):
        page = page_of(client, ticket)
        assert "anna@home.example" in page
        assert "a.kern@work.example" in page
        assert 'class="past"' in page
    assert "the customer is the same person as \u2068A. Kern\u2069" in page_of(client, anna)


def test_taken_apart_they_are_two_again(client, anna, work):
    client.force_login(make.agent())
    say(client, anna, work.number)
    path = reverse("desk:person_removal", args=["open", anna.number, work.requester_id])

    client.post(path)

    assert "a.kern@work.example" not in page_of(client, anna)
    assert 'class="past"' not in page_of(client, anna)
    assert "are two people" in page_of(client, anna)


def test_a_customer_of_tickets_out_of_sight_is_not_found(client, anna):
    workshop = make.team("Workshop")
    make.ticket(by=make.address("olga@post.example", "Olga Other"), team=workshop)
    client.force_login(make.agent())

    answer = say(client, anna, "olga@post.example")

    assert answer.status_code == 422
    assert "Nobody is known by this" in answer.content.decode()
    anna.requester.refresh_from_db()
    assert anna.requester.person_id is None


def test_somebody_else_is_not_taken_out_through_this_ticket(client, anna, work):
    third = make.ticket(by=make.address("bo@post.example", "Bo"))
    persons.merge(work, third.requester, by=make.lead())
    client.force_login(make.agent())

    answer = client.post(reverse("desk:person_removal", args=["open", anna.number, third.requester_id]))

    third.requester.refresh_from_db()
    assert answer.status_code == 404
    assert third.requester.person_id == work.requester_id


def test_it_gives_no_address_a_right_it_did_not_have(anna, work):
    guest = proven(work)
    persons.merge(anna, work.requester, by=make.agent())

    page = guest.get(reverse("portal:follow", args=[anna.number]))
    own = guest.get(reverse("portal:follow", args=[work.number]))

    assert "stops after two seconds" not in page.content.decode()
    assert own.status_code == 200
    assert Client().get(reverse("portal:follow", args=[anna.number])).content

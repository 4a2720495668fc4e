from __future__ import annotations

from datetime import timedelta

import pytest

from ahadi.lib import clock
from ahadi.promises.models import Promise
from ahadi.testing import make
from ahadi.tickets.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def ticket(agent):
    make.company()
    return make.ticket(assignee=agent)


def test_a_promise_moves_with_a_reason_and_the_customer_is_told(desk, ticket):
    answer = desk.post(
        f"/desk/open/{ticket.number}/promise/", {"due": "2026-12-03T14:00", "reason": "The part is late"}
    )

    assert answer.status_code == 302
    assert "The part is late" in Entry.objects.get(kind="reply", code="promised").words.text


def test_nobody_promises_news_later_than_the_rhythm_allows(desk, ticket):
    where = f"/desk/open/{ticket.number}/promise/"

    answer = desk.post(where, {"due": "2026-12-09T14:00", "reason": "The part is late"})

    assert answer.status_code == 422
    assert "The customer would wait too long without news" in answer.content.decode()
    assert Promise.objects.filter(ticket=ticket).count() == 1


def test_a_teams_own_rhythm_counts(desk, ticket):
    ticket.team.news_rhythm = timedelta(hours=60)
    ticket.team.save()

    answer = desk.post(
        f"/desk/open/{ticket.number}/promise/", {"due": "2026-12-09T14:00", "reason": "The part is late"}
    )

    assert answer.status_code == 302


def test_an_answer_that_promises_too_late_does_not_leave(desk, ticket):
    words = {"text": "We look into it.", "kind": "reply", "due": "2026-12-20T14:00"}

    answer = desk.post(f"/desk/open/{ticket.number}/replies/", words)

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "The customer would wait too long without news" in page
    assert "We look into it." in page


def test_a_ticket_leaves_a_person_only_with_a_sentence(desk, ticket):
    other = make.agent("Noa Levi")
    where = f"/desk/open/{ticket.number}/assignment/"

    refused = desk.post(where, {"owner": f"agent:{other.pk}"})
    ticket.refresh_from_db()

    assert refused.status_code == 422
    assert "Say in one sentence what the next one has to know." in refused.content.decode()
    assert ticket.assignee.name == "Mara Lind"


def test_a_new_owner_takes_the_promise_along_and_the_customer_learns_the_name(desk, ticket):
    other, due = make.agent("Noa Levi"), ticket.due

    with clock.at(clock.now() + timedelta(hours=1)):
        desk.post(
            f"/desk/open/{ticket.number}/assignment/",
            {"owner": f"agent:{other.pk}", "sentence": "She waits for the blue one"},
        )

    promise = Promise.objects.get(ticket=ticket)
    assert (promise.owner_agent, promise.due) == (other, due)
    said = Entry.objects.get(kind="reply", code="handed").words
    assert "Noa\u2069 looks after your request from now on" in said.text
    assert "She waits for the blue one" not in said.text + str(said.data)
    page = desk.get(f"/desk/open/{ticket.number}/").content.decode()
    assert "She waits for the blue one" in page


def test_taking_a_ticket_from_nobody_needs_no_sentence(desk, agent):
    ticket = make.ticket()

    desk.post(f"/desk/open/{ticket.number}/assignment/", {"owner": f"agent:{agent.pk}"})

    ticket.refresh_from_db()
    assert ticket.assignee == agent
    assert not Entry.objects.filter(code="handed").exists()


def test_a_wish_is_broken_only_with_a_reason(desk, ticket):
    ticket.requester.avoided = ["email"]
    ticket.requester.save()
    where = f"/desk/open/{ticket.number}/replies/"

    refused = desk.post(where, {"text": "Hello", "kind": "reply"})
    desk.post(where, {"text": "Hello", "kind": "reply", "against": "No other address works"})

    assert refused.status_code == 422
    assert "does not want to be reached this way" in refused.content.decode()
    assert Entry.objects.get(code="against_wish").words.data["reason"] == "No other address works"


def test_whoever_never_wants_to_be_called_is_not_called_without_a_reason(desk, ticket):
    ticket.requester.avoided = ["phone"]
    ticket.requester.save()

    desk.post(f"/desk/open/{ticket.number}/call-codes/")
    page = desk.get(f"/desk/open/{ticket.number}/").content.decode()

    assert "This customer never wants to be called" in page
    assert "Never by" in page
    assert not Entry.objects.filter(code="call_code").exists()

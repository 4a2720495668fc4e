"""Many tickets at once, at the desk."""

from __future__ import annotations

import pytest
from django.urls import reverse

from ahadi.outbox import jobs
from ahadi.testing import make
from ahadi.tickets import batches
from ahadi.tickets.models import Batch

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company(frozen):
    make.company()


def choose(desk, tickets, **fields):
    numbers = ",".join(ticket.number for ticket in tickets)
    return desk.post(reverse("desk:batches"), {"numbers": numbers, **fields})


def test_the_plan_is_shown_before_anything_happens_and_the_report_after(desk):
    tickets = [make.ticket() for _n in range(3)]
    tickets[2].solve(by=make.lead())

    answer = choose(desk, tickets, status="solved")
    page = desk.get(answer["Location"]).content.decode()

    assert "2 tickets will change" in page
    assert "Set the state: Solved" in page
    assert "1 – it is so already" in page
    tickets[0].refresh_from_db()
    assert tickets[0].status == "open"
    batch = Batch.objects.get()
    desk.post(reverse("desk:batch_start", args=[batch.pk]))
    assert "being changed" in desk.get(answer["Location"]).content.decode()
    jobs.run_due()
    page = desk.get(answer["Location"]).content.decode()
    assert "2 tickets were changed" in page
    assert "Undo" in page


def test_it_can_be_undone_from_the_report(desk):
    ticket = make.ticket()
    answer = choose(desk, [ticket], priority="4")
    batch = Batch.objects.get()
    desk.post(reverse("desk:batch_start", args=[batch.pk]))
    jobs.run_due()

    desk.post(reverse("desk:batch_undo", args=[batch.pk]))
    jobs.run_due()

    ticket.refresh_from_db()
    assert ticket.priority == 2
    assert "1 ticket is as it was" in desk.get(answer["Location"]).content.decode()


def test_a_whole_list_is_exactly_what_the_list_shows(desk):
    mine, waiting = [make.ticket() for _n in range(60)], make.ticket()
    waiting.wait(by=make.lead())
    make.ticket(team=make.team("Billing"))

    desk.post(reverse("desk:batches"), {"whole": "1", "search": "waiting", "priority": "3"})
    desk.post(reverse("desk:batches"), {"whole": "1", "search": "open", "priority": "3"})

    first, second = Batch.objects.order_by("pk")
    assert first.tickets == [waiting.pk]
    assert set(second.tickets) == {ticket.pk for ticket in [*mine, waiting]}


def test_foreign_tickets_are_not_even_planned(desk):
    mine, foreign = make.ticket(), make.ticket(team=make.team("Billing"))

    choose(desk, [mine, foreign], priority="3")

    assert Batch.objects.get().tickets == [mine.pk]


def test_nothing_chosen_or_nothing_to_do_is_said(desk):
    nothing = choose(desk, [make.ticket()])
    nobody = choose(desk, [], priority="3")

    assert (nothing.status_code, nobody.status_code) == (422, 422)
    assert "Choose what is to happen to them." in nothing.content.decode()
    assert "Choose tickets first." in nobody.content.decode()
    assert not Batch.objects.exists()


def test_the_plan_of_a_colleague_is_not_there(desk, client):
    ticket = make.ticket()
    batch = batches.plan(make.agent("Other"), [ticket.pk], {"priority": 4})

    for name, method in (("batch", desk.get), ("batch_start", desk.post), ("batch_undo", desk.post)):
        assert method(reverse(f"desk:{name}", args=[batch.pk])).status_code == 404
    batch.refresh_from_db()
    assert batch.state == "planned"


def test_an_owner_that_does_not_exist_is_refused(desk):
    answer = choose(desk, [make.ticket()], owner="agent:99999")

    assert answer.status_code == 422


def test_what_one_customer_asked_twice_becomes_one_ticket_and_two_again(desk):
    anna = make.address("anna@post.example")
    first, second = (make.ticket(by=anna) for _n in range(2))
    other = make.ticket(by=make.address("bo@post.example"))
    answer = choose(desk, [first, second, other], into=f"#{first.number.lower()}")
    assert "2 tickets will change" in desk.get(answer["Location"]).content.decode()
    batch = Batch.objects.get()

    desk.post(reverse("desk:batch_start", args=[batch.pk]))
    jobs.run_due()

    second.refresh_from_db()
    page = desk.get(answer["Location"]).content.decode()
    assert second.merged_into == first
    assert "1 ticket was changed" in page
    assert "1 – another customer asked it" in page
    desk.post(reverse("desk:batch_undo", args=[batch.pk]))
    jobs.run_due()
    second.refresh_from_db()
    assert (second.merged_into, second.status) == (None, "open")


def test_nothing_is_merged_into_what_the_agent_may_not_see(desk):
    foreign = make.ticket(team=make.team("Workshop"))
    ticket = make.ticket()

    answer = choose(desk, [ticket], into=foreign.number)

    assert answer.status_code == 422
    assert "There is no ticket with this code" in answer.content.decode()


def test_solving_many_can_be_undone(desk):
    ticket = make.ticket()
    due = ticket.due
    choose(desk, [ticket], status="solved")
    batch = Batch.objects.get()
    desk.post(reverse("desk:batch_start", args=[batch.pk]))
    jobs.run_due()
    ticket.refresh_from_db()
    assert ticket.status == "solved"

    desk.post(reverse("desk:batch_undo", args=[batch.pk]))
    jobs.run_due()

    ticket.refresh_from_db()
    assert (ticket.status, ticket.due) == ("open", due)

from __future__ import annotations

from datetime import timedelta

import pytest

from ahadi.lib import clock
from ahadi.people.models import Organization
from ahadi.promises import counting
from ahadi.promises.models import Policy, Progress
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

HOUR = timedelta(hours=1)
PAGE = "/desk/settings/policies/"


def given(**fields):
    return {"name": "Everybody", "place": "5", "first": "4:00", "solution": "24:00", **fields}


def test_a_policy_is_added_and_holds_from_now_on(client, admin, frozen):
    answer = client.post(PAGE, given(priority=["4"], customer=make.address("anna@post.example").value))

    assert answer.status_code == 302
    policy = Policy.objects.get()
    assert (policy.first, policy.solution, policy.next) == (4 * HOUR, 24 * HOUR, None)
    assert policy.conditions == {"priority": [4], "customer": [make.address("anna@post.example").customer_id]}
    assert (policy.since, policy.by) == (frozen, admin)
    page = client.get(PAGE).content.decode()
    assert "Everybody" in page
    assert ">First answer</th>" in page


def test_a_change_begins_a_new_row_and_keeps_the_old_one(client, admin, frozen):
    client.post(PAGE, given())
    old = Policy.objects.get()

    with clock.at(frozen + HOUR) as later:
        client.post(f"{PAGE}{old.pk}/", given(first="2:00"))

    old.refresh_from_db()
    new = Policy.objects.standing().get()
    assert (old.first, old.until, new.first, new.since, new.key) == (
        4 * HOUR,
        later,
        2 * HOUR,
        later,
        old.key,
    )


def test_an_end_is_remembered(client, admin):
    client.post(PAGE, given())

    client.post(f"{PAGE}{Policy.objects.get().pk}/ending/")

    assert not Policy.objects.standing().exists()
    assert Policy.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "place", "said"),
    [
        ({"first": "", "solution": ""}, "id_first", "measures nothing"),
        ({"first": "8:00", "solution": "4:00"}, "id_solution", "no ticket could keep both"),
        ({"first": "soon"}, "id_first", "Write hours and minutes with a colon"),
        ({"customer": "nobody@post.example"}, "id_customer", "nobody@post.example"),
    ],
)
def test_what_cannot_be_kept_is_refused_beside_its_place(client, admin, wrong, place, said):
    answer = client.post(PAGE, given(**wrong))

    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'id="{place}-error"' in page
    assert said in page
    assert not Policy.objects.exists()


def test_hours_that_are_over_cannot_be_kept(client, admin):
    past = make.working_hours(
        "Fair", hours={}, holidays={"2026-05-01": {"name": "Fair", "open": [["09:00", "17:00"]]}}
    )

    answer = client.post(PAGE, given(working_hours=past.pk))

    assert "In these hours there is never so much time again" in answer.content.decode()


def test_a_policy_behind_one_for_every_ticket_would_never_count(client, admin):
    client.post(PAGE, given(place="1"))

    answer = client.post(PAGE, given(name="Late", place="2", priority=["4"]))

    assert answer.status_code == 422
    assert "stands before it and takes every ticket" in answer.content.decode()


def test_counting_shows_how_far_it_has_come(client, admin):
    Progress.objects.create(name="tickets", total=50_000, finished=1_200)

    assert "1200 of 50000" in client.get(PAGE).content.decode()


def test_an_agent_sees_why_a_target_is_due_line_by_line(desk, agent, frozen):
    with clock.at(frozen - HOUR):
        Policy.objects.create(name="Everybody", first=4 * HOUR, solution=24 * HOUR)
    make.company()
    ticket = make.ticket()
    ticket.reply("Which colour?", by=agent, wait=True)

    with clock.at(frozen + HOUR):
        page = desk.get(f"/desk/open/{ticket.number}/targets/").content.decode()

    assert "“Everybody” gives 4 h of working time" in page
    assert "It rests: we asked, and the customer has not answered" in page
    assert "Nothing is due while it rests." in page


def test_an_explanation_costs_the_same_however_long_the_talk_is(desk, agent, django_assert_max_num_queries):
    Policy.objects.create(name="Everybody", first=4 * HOUR, solution=24 * HOUR)
    ticket = make.ticket()
    for _each in range(8):
        ticket.reply("Yes.", by=agent)

    with django_assert_max_num_queries(14):
        assert desk.get(f"/desk/open/{ticket.number}/targets/").status_code == 200


def test_a_thank_you_is_marked_as_needing_no_answer(desk, agent, frozen):
    ticket = make.ticket()

    desk.post(f"/desk/open/{ticket.number}/thanks/")

    ticket.refresh_from_db()
    assert ticket.waiting_since is None
    assert ticket.entries.filter(code="no_answer", agent=agent).exists()


def test_a_policy_for_an_organization_takes_its_tickets_only(client, admin, frozen):
    acme = Organization.objects.create(name="Acme")
    client.post(PAGE, given(organization=[acme.pk]))
    address = make.address()
    address.customer.organization = acme
    address.customer.save()
    theirs, other = make.ticket(by=address), make.ticket()

    counting.count_again([theirs, other])

    assert theirs.targets.exists()
    assert not other.targets.exists()

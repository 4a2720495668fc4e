from __future__ import annotations

from datetime import timedelta

import pytest

from ahadi.lib import clock
from ahadi.people.models import Team
from ahadi.promises import counting, rounds
from ahadi.promises.models import Policy, Promise
from ahadi.routing.models import Absence
from ahadi.testing import make
from ahadi.tickets.models import Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

BOARD, STAFF, AWAY = "/desk/settings/board/", "/desk/settings/staffing/", "/desk/settings/absences/"


@pytest.fixture
def lead(client):
    make.company()
    found = make.lead()
    client.force_login(found)
    return found


def test_a_lead_sees_who_owes_what_and_who_is_silent(client, lead, frozen):
    make.ticket(assignee=make.agent("Mara Lind"), subject="Where is my parcel?")
    make.ticket()
    with clock.at(frozen + timedelta(minutes=91)):
        rounds.attend()

        page = client.get(BOARD).content.decode()

    assert "Mara Lind" in page
    assert "Where is my parcel?" in page
    assert '<td class="number"><b>1</b></td>' in page.replace("\n", "")


def test_a_lead_sees_how_long_it_took_in_working_hours_and_as_customers_count(client, lead, frozen):
    Policy.objects.create(name="All", first=timedelta(hours=4))
    ticket = make.ticket()
    with clock.at(frozen + timedelta(hours=24)):
        ticket.reply("We look into it.", by=lead)
        counting.count_again([ticket])

        page = client.get(BOARD).content.decode()

    assert "half within 8 hours, nine in ten within 8 hours" in page
    assert "half within 24 hours, nine in ten within 24 hours" in page


def test_a_lead_sees_nothing_of_a_private_team_on_the_board(client, lead):
    team = make.team("Union")
    Team.objects.filter(pk=team.pk).update(is_private=True)
    make.ticket(team=team, subject="Between us")

    assert "Between us" not in client.get(BOARD).content.decode()


def test_a_lead_sees_promises_of_the_tickets_they_may_see_and_of_no_others(lead):
    own, closed, barred = (make.team(name) for name in ("Support", "Union", "Repairs"))
    Team.objects.filter(pk=closed.pk).update(is_private=True)
    make.ticket(team=own), make.ticket(team=closed), make.ticket(team=closed, assignee=lead)
    make.ticket(team=barred).barred.add(lead)
    agent = make.agent(teams=[closed])

    for who in (lead, agent, make.admin()):
        seen = Promise.objects.open().seen_by(who).values_list("ticket", flat=True)
        assert set(seen) == set(Ticket.objects.visible_to(who).values_list("pk", flat=True))
    assert Promise.objects.open().seen_by(lead).count() == 2


def test_the_board_costs_the_same_for_many_tickets(client, lead, django_assert_max_num_queries):
    agent = make.agent()
    for _each in range(5):
        make.ticket(assignee=agent)

    # Two of them for the targets: the newest ones, and how many are left out.
    with django_assert_max_num_queries(16):
        client.get(BOARD)


def test_an_agent_does_not_see_the_board(desk):
    assert desk.get(BOARD).status_code == 403
    assert desk.get(STAFF).status_code == 403


def test_the_planner_says_how_many_keep_three_minutes(client, lead):
    page = client.get(STAFF, {"contacts": 200, "handling": 3, "share": 95, "within": 3}).content.decode()

    assert "13 people are enough" in page


def test_the_planner_refuses_what_is_no_number(client, lead):
    answer = client.get(STAFF, {"contacts": "many", "handling": 3, "share": 95, "within": 3})

    assert answer.status_code == 422


def test_an_agent_writes_down_their_own_absence_and_takes_it_back(desk, agent):
    other = make.agent("Noa Levi")
    given = {
        "agent": agent.pk,
        "begins": "2026-12-03T09:00",
        "ends": "2026-12-10T09:00",
        "substitute": other.pk,
    }

    desk.post(AWAY, given)
    absence = Absence.objects.get()
    assert (absence.agent, absence.substitute) == (agent, other)
    desk.post(f"{AWAY}{absence.pk}/removal/")

    assert not Absence.objects.exists()


def test_nobody_sends_a_colleague_away(desk, agent):
    other = make.agent("Noa Levi")

    answer = desk.post(AWAY, {"agent": other.pk, "begins": "2026-12-03T09:00", "ends": "2026-12-10T09:00"})

    assert answer.status_code == 422
    theirs = Absence.objects.create(agent=other, begins=clock.now(), ends=clock.now() + timedelta(days=1))
    assert desk.post(f"{AWAY}{theirs.pk}/removal/").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "place"),
    [({"ends": "2026-12-01T09:00"}, "id_ends"), ({"begins": "2026-12-11T09:00"}, "id_ends")],
)
def test_an_absence_that_cannot_be_is_refused_where_it_is_wrong(desk, agent, wrong, place):
    given = {"agent": agent.pk, "begins": "2026-12-03T09:00", "ends": "2026-12-10T09:00", **wrong}

    answer = desk.post(AWAY, given)

    assert answer.status_code == 422
    assert f'id="{place}-error"' in answer.content.decode()


def test_a_team_gets_a_way_of_routing_a_rhythm_and_a_chain(client, admin):
    team, lead = make.team(), make.lead()
    given = {"name": "Support", "routing": "turns", "news_rhythm": "16:00", "lead": lead.pk}

    answer = client.post(f"/desk/settings/teams/{team.pk}/", given)

    team.refresh_from_db()
    assert answer.status_code == 302
    assert (team.routing, team.news_rhythm, team.lead) == ("turns", timedelta(hours=16), lead)


def test_what_an_agent_knows_is_written_down(client, admin):
    agent = make.agent()
    given = {"name": agent.name, "email": agent.email, "role": "agent", "is_active": "on"}

    client.post(
        f"/desk/settings/agents/{agent.pk}/",
        given | {"languages": ["fa"], "skills": "grinder, pumps", "capacity": "5"},
    )

    agent.refresh_from_db()
    assert (agent.languages, agent.skills, agent.capacity) == (["fa"], ["grinder", "pumps"], 5)

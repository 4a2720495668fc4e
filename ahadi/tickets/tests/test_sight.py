"""Who sees a ticket: their teams and their own; leads everything but what is closed to them."""

from __future__ import annotations

import pytest

from ahadi.people.models import Team
from ahadi.testing import make
from ahadi.tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def management():
    return Team.objects.create(name="Management", is_private=True)


def sees(agent, ticket):
    return Ticket.objects.visible_to(agent).filter(pk=ticket.pk).exists()


def test_members_see_the_tickets_of_their_team_and_others_do_not():
    ticket = make.ticket(team=make.team())

    assert sees(make.agent(), ticket)
    assert not sees(make.agent(teams=[make.team("Sales")]), ticket)


def test_leads_and_administrators_see_every_open_team():
    ticket = make.ticket()

    assert sees(make.lead(teams=[]), ticket)
    assert sees(make.admin(teams=[]), ticket)


def test_a_private_team_is_closed_to_leads_and_administrators_of_others(management):
    ticket = make.ticket(team=management)

    assert not sees(make.lead(), ticket)
    assert not sees(make.admin(), ticket)
    assert sees(make.agent(teams=[management]), ticket)
    assert sees(make.lead(teams=[management]), ticket)


def test_whoever_owns_a_ticket_sees_it_wherever_it_lies(management):
    owner = make.lead(teams=[])

    assert sees(owner, make.ticket(team=management, assignee=owner))


@pytest.mark.parametrize("role", ["agent", "lead", "admin"])
def test_nobody_sees_what_they_are_kept_out_of(role, management):
    agent = make.agent(role=role, teams=[make.team(), management])
    ticket, other = make.ticket(team=management, assignee=agent), make.ticket(team=management)
    ticket.barred.add(agent)

    assert not sees(agent, ticket)
    assert sees(agent, other)


def test_new_requests_never_fall_to_a_private_team_by_chance(management):
    Team.objects.exclude(pk=management.pk).delete()

    assert not Team.first().is_private

"""What many agents see, asked at once, is what each of them sees, asked alone."""

from __future__ import annotations

import random

import pytest

from ahadi.people.models import Agent, Team
from ahadi.testing import make
from ahadi.tickets.models import Ticket
from ahadi.tickets.seeing import seen_by

pytestmark = pytest.mark.django_db


def test_agents_asked_about_together_see_what_each_sees_alone(django_assert_max_num_queries):
    # Given teams of which one is closed, agents of every role, and tickets in all their relations.
    chance = random.Random(11)
    teams = [make.team(f"Team {number}") for number in range(4)]
    Team.objects.filter(pk=teams[0].pk).update(is_private=True)
    agents = [make.agent(f"Agent {number}", role=chance.choice(Agent.Role.values)) for number in range(12)]
    for agent in agents:
        agent.teams.set(chance.sample(teams, chance.randint(0, 3)))
    tickets = [make.ticket() for _number in range(15)]
    for ticket in tickets:
        Ticket.objects.filter(pk=ticket.pk).update(
            team=chance.choice(teams), assignee=chance.choice([None, None, *agents])
        )
        ticket.also.set(chance.sample(teams, chance.choice((0, 0, 1))))
        ticket.barred.set(chance.sample(agents, chance.choice((0, 0, 2))))
    keys = [ticket.pk for ticket in tickets[:10]]
    numbers = [ticket.number for ticket in tickets[8:]]

    # When all are asked about at once.
    with django_assert_max_num_queries(5):
        found = seen_by(agents, keys, numbers)

    # Then it is what the one access function says of each, and not the same for all.
    alone = {
        agent.pk: set(Ticket.objects.visible_to(agent).values_list("number", flat=True)) for agent in agents
    }
    assert found == alone
    assert len({frozenset(seen) for seen in found.values()}) > 3
    assert seen_by(agents, [], []) == {agent.pk: set() for agent in agents}

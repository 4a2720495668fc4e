"""Which of some tickets each of many agents may see, asked once for all: what `visible_to` says of each.

A hundred open desks hear of every change; a question for each of them would cost more than the change itself.
A test holds both to the same answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from django.db.models import Q

from ahadi.people.models import Agent
from ahadi.tickets.models import Ticket


class _Case(NamedTuple):
    """What decides who sees a ticket."""

    pk: int
    number: str
    team: int
    is_private: bool
    assignee: int | None


def seen_by(
    agents: Collection[Agent], keys: Collection[int], numbers: Iterable[str]
) -> Mapping[int, set[str]]:
    """The tracking codes among these that each agent may see, by the agent's key.

    Agents who see the same share one set: it is not to be changed.
    """
    named = set(numbers)
    if not agents or not (keys or named):
        return {agent.pk: set() for agent in agents}
    rows = Ticket.objects.filter(Q(pk__in=keys) | Q(number__in=named))
    cases = [_Case(*row) for row in rows.values_list("pk", "number", "team", "team__is_private", "assignee")]
    teams, also, barred = _teams(agents), _also(cases), _barred(cases, agents)
    owned: dict[int, set[str]] = defaultdict(set)
    for case in cases:
        if case.assignee is not None:
            owned[case.assignee].add(case.number)
    common: dict[tuple[bool, frozenset[int]], set[str]] = {}
    found: dict[int, set[str]] = {}
    for agent in agents:
        kind = agent.sees_everything, frozenset(teams[agent.pk])
        if kind not in common:
            common[kind] = {case.number for case in cases if _is_seen(case, also[case.pk], *kind)}
        seen, own, closed = common[kind], owned[agent.pk], barred[agent.pk]
        found[agent.pk] = seen if own <= seen and not closed & seen else (seen | own) - closed
    return found


def _is_seen(case: _Case, also: set[int], sees_everything: bool, teams: frozenset[int]) -> bool:
    if sees_everything:
        return not case.is_private or case.team in teams
    return case.team in teams or not also.isdisjoint(teams)


def _teams(agents: Collection[Agent]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = Agent.teams.through.objects.filter(agent__in=[agent.pk for agent in agents])
    for agent, team in rows.values_list("agent", "team"):
        found[agent].add(team)
    return found


def _also(cases: list[_Case]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = Ticket.also.through.objects.filter(ticket__in=[case.pk for case in cases])
    for ticket, team in rows.values_list("ticket", "team"):
        found[ticket].add(team)
    return found


def _barred(cases: list[_Case], agents: Collection[Agent]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    numbers = {case.pk: case.number for case in cases}
    rows = Ticket.barred.through.objects.filter(ticket__in=numbers, agent__in=[agent.pk for agent in agents])
    for ticket, agent in rows.values_list("ticket", "agent"):
        found[agent].add(numbers[ticket])
    return found

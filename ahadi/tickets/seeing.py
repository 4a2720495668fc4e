"""Which of some tickets each of many agents may see, asked once for all: what `visible_to` says of each.

A hundred open desks hear of every change; a question for each of them would cost more than the change itself.
A test holds both to the same answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from ahadi.lib.question import MANY, Question, lots
from ahadi.people.models import Agent
from ahadi.tickets.models import Ticket

# So many are asked about in one question: few while little happens, else what a busy moment brings.
SIZES = (MANY, 128)


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
    cases = _cases(keys, numbers) if agents else []
    if not cases:
        return {agent.pk: set() for agent in agents}
    teams, also, barred = _teams(agents), _also(cases), _barred(cases)
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


def _cases(keys: Collection[int], numbers: Iterable[str]) -> list[_Case]:
    cases = [_Case(*row) for row in _rows(_by_key, list(keys))]
    others = set(numbers) - {case.number for case in cases}
    return cases + [_Case(*row) for row in _rows(_by_number, list(others))]


def _is_seen(case: _Case, also: set[int], sees_everything: bool, teams: frozenset[int]) -> bool:
    if sees_everything:
        return not case.is_private or case.team in teams
    return case.team in teams or not also.isdisjoint(teams)


def _teams(agents: Collection[Agent]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for agent, team in _rows(_teams_of, [agent.pk for agent in agents]):
        found[agent].add(team)
    return found


def _also(cases: list[_Case]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for ticket, team in _rows(_also_of, [case.pk for case in cases]):
        found[ticket].add(team)
    return found


def _barred(cases: list[_Case]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    numbers = {case.pk: case.number for case in cases}
    for ticket, agent in _rows(_barred_of, list(numbers)):
        found[agent].add(numbers[ticket])
    return found


def _rows(asked: Callable[[int], Question], values: Sequence[int | str]) -> Iterator[tuple[Any, ...]]:
    size = next((size for size in SIZES if size >= len(values)), SIZES[-1])
    for some in lots(values, size):
        yield from asked(size).rows(*some)


_CASE = ("pk", "number", "team", "team__is_private", "assignee")


@cache
def _by_key(size: int) -> Question:
    return Question(lambda *keys: Ticket.objects.filter(pk__in=keys).values_list(*_CASE), size)


@cache
def _by_number(size: int) -> Question:
    return Question(lambda *numbers: Ticket.objects.filter(number__in=numbers).values_list(*_CASE), size)


@cache
def _teams_of(size: int) -> Question:
    rows = Agent.teams.through.objects
    return Question(lambda *agents: rows.filter(agent__in=agents).values_list("agent", "team"), size)


@cache
def _also_of(size: int) -> Question:
    rows = Ticket.also.through.objects
    return Question(lambda *tickets: rows.filter(ticket__in=tickets).values_list("ticket", "team"), size)


@cache
def _barred_of(size: int) -> Question:
    rows = Ticket.barred.through.objects
    return Question(lambda *tickets: rows.filter(ticket__in=tickets).values_list("ticket", "agent"), size)

"""The promises of everybody at one look: who owes what, and where it is going wrong."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, F, Min, Q

from ahadi.desk import searches
from ahadi.people.models import Agent, Team
from ahadi.promises.models import Promise
from ahadi.tickets import operators
from ahadi.tickets.models import Ticket


class Owner(NamedTuple):
    """One person, or a team for what nobody owns in person."""

    name: str
    is_team: bool
    open: int
    today: int
    danger: int
    broken: int
    following: datetime | None


class Silent(NamedTuple):
    """A customer who has heard nothing from a person for long."""

    number: str
    subject: str
    who: str
    since: datetime
    owner: str


def owners(agent: Agent) -> list[Owner]:
    """Everybody who owes something that this agent may see; most broken first."""
    people: dict[int, list[Any]] = {}
    teams: dict[int, list[Any]] = {}
    for person, team, *counts in _counted(agent):
        mine = people.setdefault(person, []) if person else teams.setdefault(team, [])
        mine.append(counts)
    found = [Owner(each.name, False, *_sum(people[each.pk])) for each in Agent.objects.filter(pk__in=people)]
    found += [Owner(each.name, True, *_sum(teams[each.pk])) for each in Team.objects.filter(pk__in=teams)]
    return sorted(found, key=lambda owner: (-owner.broken, -owner.danger, owner.name))


def _counted(agent: Agent) -> Iterable[tuple[Any, ...]]:
    """For each person in each team how many promises there are; read from the promises alone."""
    at = searches.minute()
    counted: dict[str, Any] = {
        "all": Count("pk"),
        "today": Count("pk", filter=Q(due__gt=at, due__lt=operators.midnight(at, 1))),
        "danger": Count("pk", filter=Q(warned__isnull=False, due__gt=at)),
        "late": Count("pk", filter=Q(due__lte=at)),
        "following": Min("due", filter=Q(due__gt=at)),
    }
    ours = Promise.objects.open().seen_by(agent).exclude(step_code=Ticket.Step.CUSTOMER)
    return (
        ours.values("owner_agent", "owner_team")
        .annotate(**counted)
        .values_list("owner_agent", "owner_team", *counted)
    )


def _sum(rows: list[Any]) -> tuple[Any, ...]:
    *counts, following = zip(*rows, strict=True)
    return *map(sum, counts), min(filter(None, following), default=None)


def silent(agent: Agent, most: int = 20) -> list[Silent]:
    """Who has waited longest for a word from a person; what a machine says does not count."""
    ours = Promise.objects.open().seen_by(agent).exclude(step_code=Ticket.Step.CUSTOMER)
    rows = ours.order_by("heard", "pk")
    names = ("ticket__number", "ticket__subject", "ticket__requester__name", "heard", "owner_agent__name")
    return [
        Silent(number, subject, who or number, since, owner or "")
        for number, subject, who, since, owner in rows.values_list(*names)[:most]
    ]


def kept(agent: Agent, since: datetime) -> dict[str, int]:
    """What became of the promises that ended since a moment: kept in time, late, moved, announced, broken."""
    ended = Promise.objects.filter(Ticket.objects.visible_to(agent).named_by("ticket"), ended__gte=since)
    ours = ended.exclude(step_code=Ticket.Step.CUSTOMER)
    names = ("kept", "late", "moved", "announced", "broken")
    conditions = (
        Q(kept__lte=F("due")),
        Q(kept__gt=F("due")),
        Q(moved__isnull=False, announced=None, broken=None),
        Q(announced__isnull=False, broken=None),
        Q(moved__isnull=False, broken__isnull=False),
    )
    counted: dict[str, Any] = {
        f"n_{name}": Count("pk", filter=condition) for name, condition in zip(names, conditions, strict=True)
    }
    row = ours.aggregate(**counted)
    return {name: row[f"n_{name}"] for name in names}

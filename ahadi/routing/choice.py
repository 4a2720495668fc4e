"""Who of a team gets a ticket: whoever is there, speaks the language, knows about it and has room."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Count, Q

from ahadi.lib import clock
from ahadi.people.models import Agent, Session, Team
from ahadi.routing.models import Absence, Turn
from ahadi.tickets.models import Ticket


class Choice(NamedTuple):
    """The person chosen and why; nobody, and why not."""

    agent: Agent | None
    why: str
    open: int = 0
    # Whom they stand in for.
    absent: str = ""


@dataclass
class Candidates:
    """The members of a team as they are now, read in a fixed number of queries."""

    members: list[Agent]
    open: dict[int, int] = field(default_factory=dict)
    away: dict[int, Agent | None] = field(default_factory=dict)
    here: set[int] = field(default_factory=set)
    turns: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, team: Team, ticket: Ticket) -> Candidates:
        """Those who could take a ticket of this team, with what they have to do."""
        barred = ticket.barred.values_list("pk", flat=True) if ticket.pk else []
        found: Any = Agent.objects.filter(teams=team, is_active=True).exclude(pk__in=list(barred))
        members: list[Any] = list(
            found.annotate(load=Count("tickets", filter=~Q(tickets__status=Ticket.Status.SOLVED))).order_by(
                "pk"
            )
        )
        now = clock.now()
        absences = Absence.objects.now().select_related("substitute")
        return cls(
            members,
            open={member.pk: member.load for member in members},
            away={absence.agent_id: absence.substitute for absence in absences},
            here=set(Session.objects.filter(expire_date__gt=now).values_list("agent", flat=True)),
            turns=dict(Turn.objects.filter(team=team).values_list("agent", "last")),
        )

    def has_room(self, agent: Agent) -> bool:
        """One more is not too many."""
        return not agent.capacity or self.open.get(agent.pk, 0) < agent.capacity


def choose(ticket: Ticket) -> Choice:
    """The person for a ticket by the way its team chose, or why there is nobody."""
    team = ticket.team
    known = Candidates.of(team, ticket)
    there = [member for member in known.members if member.pk not in known.away]
    if not there:
        return Choice(None, "absent")
    speaking = [member for member in there if speaks(member, ticket.language)]
    if not speaking:
        return Choice(None, "language")
    free = [member for member in speaking if known.has_room(member)]
    if not free:
        return Choice(None, "full")
    tags = set(ticket.tags.values_list("name", flat=True)) if ticket.pk else set()
    skilled = [member for member in free if tags & set(member.skills)]
    here = [member for member in skilled or free if member.pk in known.here]
    chosen = _first(team, here or skilled or free, known)
    why = "skill" if skilled else "language" if len(speaking) < len(there) else str(team.routing)
    return Choice(chosen, why, known.open.get(chosen.pk, 0))


def substitute(agent: Agent) -> Choice:
    """Who stands in for somebody who is away; a substitute who is away too has one of their own."""
    seen = {agent.pk}
    absent = agent
    while True:
        absence = Absence.objects.now().filter(agent=absent).select_related("substitute").first()
        if absence is None:
            return Choice(absent if absent.pk != agent.pk else None, "substitute", absent=agent.name)
        following = absence.substitute
        if following is None or following.pk in seen or not following.is_active:
            return Choice(None, "absent", absent=agent.name)
        seen.add(following.pk)
        absent = following


def _first(team: Team, among: list[Agent], known: Candidates) -> Agent:
    if team.routing == Team.Routing.LOAD:
        return min(among, key=lambda member: (known.open.get(member.pk, 0), _turn(member, known)))
    return min(among, key=lambda member: (_turn(member, known), member.pk))


def _turn(member: Agent, known: Candidates) -> int:
    return known.turns.get(member.pk, 0)


def speaks(member: Agent, language: str) -> bool:
    """Whether somebody can answer in a language."""
    return language == member.language or language in member.languages

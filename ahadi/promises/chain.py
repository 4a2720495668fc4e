"""Who hears of a promise in danger: its owner, then the team's lead, then the manager."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from ahadi.lib import clock
from ahadi.lib.statement import insert_new
from ahadi.people.models import Agent, Team
from ahadi.promises.models import Alarm, Promise

CODES = {
    Alarm.Level.WARNING: "warned",
    Alarm.Level.OWNER: "broken",
    Alarm.Level.LEAD: "escalated",
    Alarm.Level.MANAGER: "escalated",
}


def tell(promise: Promise, level: int, due: datetime, **data: Any) -> bool:
    """Write into the history that somebody was told; once for each level, and false the second time.

    Notices to agents follow from the event, as everything follows from an entry (settings.REACTIONS).
    """
    agent = at_level(promise, level)
    now = clock.now()
    alarm = Alarm(
        promise=promise,
        ticket_id=promise.ticket_id,
        promised=promise.due,
        level=level,
        agent=agent,
        due=due,
        at=now,
    )
    if not insert_new(alarm):
        return False
    told = {
        "level": int(level),
        "agent": agent.pk if agent else None,
        "name": agent.name if agent else "",
        "team": promise.owner_team.name,
        "due": promise.due.isoformat(),
        "since": due.isoformat(),
    }
    promise.ticket.change(CODES[Alarm.Level(level)], told | data, None)
    return True


def at_level(promise: Promise, level: int) -> Agent | None:
    """The person of a level; None where the whole team is told."""
    team = promise.owner_team
    if level <= Alarm.Level.OWNER:
        owner = promise.owner_agent
        return owner if owner is not None and owner.is_active else None
    if level == Alarm.Level.LEAD:
        return lead_of(team)
    return manager_of(team)


def lead_of(team: Team) -> Agent | None:
    """The lead a team names, else a lead who belongs to it, else any lead."""
    named = team.lead
    if named is not None and named.is_active:
        return named
    leads = Agent.objects.filter(is_active=True, role=Agent.Role.LEAD)
    return leads.filter(teams=team).order_by("pk").first() or manager_of(team)


def manager_of(team: Team) -> Agent | None:
    """The manager a team names, else an administrator."""
    named = team.manager
    if named is not None and named.is_active:
        return named
    return Agent.objects.filter(Q(is_active=True, role=Agent.Role.ADMIN)).order_by("pk").first()

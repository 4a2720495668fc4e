"""Who hears of a promise in danger: its owner, then the team's lead, then the manager."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ahadi.lib import clock
from ahadi.lib.statement import insert_new
from ahadi.people.models import Agent
from ahadi.promises.models import Alarm, Promise
from ahadi.tickets.models import Ticket

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
    if level <= Alarm.Level.OWNER:
        owner = promise.owner_agent
        return owner if owner is not None and owner.is_active else None
    if level == Alarm.Level.LEAD:
        return lead_of(promise.ticket)
    return manager_of(promise.ticket)


def lead_of(ticket: Ticket) -> Agent | None:
    """The lead a team names, else a lead who belongs to it, else its manager."""
    team = ticket.team
    leads = Agent.objects.filter(is_active=True, role=Agent.Role.LEAD, teams=team).order_by("pk")
    return _first(ticket, team.lead, leads) or manager_of(ticket)


def manager_of(ticket: Ticket) -> Agent | None:
    """The manager a team names, else an administrator, else any lead."""
    above = Agent.objects.filter(is_active=True, role__in=(Agent.Role.ADMIN, Agent.Role.LEAD))
    return _first(ticket, ticket.team.manager, above.order_by("role", "pk"))


def _first(ticket: Ticket, named: Agent | None, others: Iterable[Agent]) -> Agent | None:
    """The one who is named, else the first; nobody is told of a ticket they may not see."""
    for agent in ([named] if named is not None else []) + list(others):
        if agent.is_active and Ticket.objects.visible_to(agent).filter(pk=ticket.pk).exists():
            return agent
    return None

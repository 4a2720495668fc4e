"""Calls that come in now, for the screens of those they ring for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from django.db.models import Q

from ahadi.channels.models import Call
from ahadi.lib import clock
from ahadi.people.models import Agent
from ahadi.tickets.models import Ticket

# A call that nobody answered or ended is no longer shown after this.
LONGEST = timedelta(minutes=2)
LONGEST_CALL = timedelta(hours=1)


class Caller(NamedTuple):
    """Somebody who is calling now, and what is open with them."""

    call: Call
    tickets: list[Ticket]


def for_agent(agent: Agent) -> list[Caller]:
    """Who calls this agent, or their team, now."""
    now = clock.now()
    ringing = Q(ended=None, answered=None, asked__gt=now - LONGEST)
    # Whoever took it writes down what was said, also just after its end.
    taken = Q(agent=agent, answered__gt=now - LONGEST_CALL)
    open_calls = Call.objects.open().filter(ringing | taken, direction=Call.Direction.IN)
    found = [call for call in open_calls.select_related("address__customer", "line") if is_for(call, agent)]
    return [Caller(call, _tickets(call, agent)) for call in found]


def is_for(call: Call, agent: Agent) -> bool:
    """It rings for this agent, or for nobody in particular of their team."""
    if call.agent_id is not None:
        return call.agent_id == agent.pk
    return call.line is not None and agent.pk in members(call)


def members(call: Call) -> Iterable[int]:
    """Everybody whom a call for nobody in particular may be for."""
    if call.line is None:
        return []
    return list(Agent.objects.filter(teams=call.line.team_id, is_active=True).values_list("pk", flat=True))


def _tickets(call: Call, agent: Agent) -> list[Ticket]:
    if call.address is None:
        return []
    seen = Ticket.objects.visible_to(agent).filter(requester=call.address.customer)
    return list(seen.order_by("status", "-updated")[:3])

"""How a ticket finds its person: when it begins, comes to a team, or its owner is away."""

from __future__ import annotations

from ahadi.people.models import Agent, Team
from ahadi.routing.choice import Choice, choose, substitute
from ahadi.routing.models import Absence, Turn
from ahadi.tickets.models import Entry, Ticket


def route(entry: Entry) -> None:
    """Give a ticket without a person to somebody of its team, and say why them or why nobody."""
    ticket = entry.ticket
    if ticket.assignee_id is not None or ticket.is_solved:
        return
    begins = entry.seq == 1 and entry.kind == Entry.Kind.MESSAGE
    comes = entry.kind == Entry.Kind.EVENT and entry.code == "team"
    if not (begins or comes) or ticket.team.routing == Team.Routing.NOBODY:
        return
    chosen = choose(ticket)
    if chosen.agent is None:
        ticket.change("unrouted", {"why": chosen.why, "team": ticket.team.name}, None)
        return
    give(ticket, chosen)
    Turn.objects.update_or_create(team=ticket.team, agent=chosen.agent, defaults={"last": entry.pk})


def stand_in(entry: Entry) -> None:
    """A customer who writes to somebody who is away is heard by whoever stands in."""
    ticket = entry.ticket
    if entry.kind != Entry.Kind.MESSAGE or entry.automatic or ticket.assignee_id is None or entry.seq == 1:
        return
    if Absence.objects.now().filter(agent=ticket.assignee_id, handed__isnull=False).exists():
        pass_on(ticket, Agent.objects.get(pk=ticket.assignee_id))


def pass_on(ticket: Ticket, agent: Agent) -> Entry:
    """Give a ticket of somebody who is away to their substitute, else back to the team."""
    chosen = substitute(agent)
    if chosen.agent is not None:
        return give(ticket, chosen)
    data = {"agent": None, "name": "", "why": "absent", "absent": agent.name}
    return ticket.change("assigned", data, None, assignee=None)


def give(ticket: Ticket, chosen: Choice) -> Entry:
    """Assign a ticket by machine, with the reason that its people read."""
    agent = chosen.agent
    if agent is None:
        raise ValueError("Nobody was chosen.")
    data = {
        "agent": agent.pk,
        "name": agent.name,
        "owner": agent.first_name,
        "team": ticket.team.name,
        "why": chosen.why,
        "open": chosen.open,
        "absent": chosen.absent,
        "handed": ticket.assignee_id is not None and ticket.assignee_id != agent.pk,
    }
    return ticket.change("assigned", data, None, assignee=agent)

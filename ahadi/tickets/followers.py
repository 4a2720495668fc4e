"""Who wants to hear of a ticket, and who was called by name in a note."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ahadi.lib import clock
from ahadi.people.models import Agent
from ahadi.tickets.models import Entry, Follower, Mention, Ticket

_CALLED = re.compile(r"(?<!\w)@")


def follow(ticket: Ticket, agent: Agent) -> None:
    """Let somebody hear what happens to a ticket; following gives no sight of it."""
    Follower.objects.get_or_create(ticket=ticket, agent=agent)


def unfollow(ticket: Ticket, agent: Agent) -> None:
    """Let somebody hear no more of a ticket."""
    Follower.objects.filter(ticket=ticket, agent=agent).delete()


def of(ticket: Ticket) -> list[Agent]:
    """Those who follow a ticket and may still see it."""
    following = Agent.objects.filter(is_active=True, following__ticket=ticket).order_by("name")
    return [agent for agent in following if may_see(ticket, agent)]


def called(text: str, among: Iterable[Agent]) -> list[Agent]:
    """Those whom a note calls as @Name or @mail-address; the longest name counts, in any case of letters."""
    known = sorted(
        ((name.casefold(), agent) for agent in among for name in _names(agent)),
        key=lambda pair: -len(pair[0]),
    )
    found: dict[int, Agent] = {}
    folded = text.casefold()
    for at in _CALLED.finditer(folded):
        rest = folded[at.end() : at.end() + 120]
        for name, agent in known:
            if rest.startswith(name) and not rest[len(name) : len(name) + 1].isalnum():
                found[agent.pk] = agent
                break
    return list(found.values())


def mention(entry: Entry, agents: Iterable[Agent]) -> list[Mention]:
    """Write down who was called in a note; whoever sees the ticket follows it from now on."""
    made = []
    for agent in agents:
        if agent.pk != entry.agent_id:
            made.append(Mention.objects.get_or_create(entry=entry, agent=agent)[0])
            follow(entry.ticket, agent)
    return made


def see(ticket: Ticket, agent: Agent) -> int:
    """Everything in this ticket that called an agent has been read by them."""
    waiting = Mention.objects.filter(entry__ticket=ticket, agent=agent, seen=None)
    return waiting.update(seen=clock.now())


def may_see(ticket: Ticket, agent: Agent) -> bool:
    """Whether this agent may read the ticket at all."""
    return Ticket.objects.visible_to(agent).filter(pk=ticket.pk).exists()


def _names(agent: Agent) -> list[str]:
    return [name for name in (agent.name, agent.email, agent.email.partition("@")[0]) if name]

"""Who is called by name in a note, and whether they may read it."""

from __future__ import annotations

from typing import NamedTuple

from ahadi.people.models import Agent, Team
from ahadi.tickets import followers
from ahadi.tickets.models import Entry, Ticket

SHOW, SILENT = "show", "silent"


class Called(NamedTuple):
    """Those who are called, and those of them who may not see the ticket."""

    all: list[Agent]
    far: list[Agent]

    @property
    def teams(self) -> list[Team]:
        """The teams that would have to see the ticket; each person's first one."""
        return list({team.pk: team for agent in self.far if (team := agent.teams.first())}.values())


def read(ticket: Ticket, text: str) -> Called:
    """Everybody whom these words call."""
    if "@" not in text:
        return Called([], [])
    found = followers.called(text, Agent.objects.filter(is_active=True))
    return Called(found, [agent for agent in found if not followers.may_see(ticket, agent)])


def tell(entry: Entry, called: Called, how: str) -> None:
    """Write down who was called; those far away are told only after their team was let in."""
    if how == SHOW:
        for team in called.teams:
            entry.ticket.show_to(team)
    seeing = [agent for agent in called.all if agent not in called.far or how == SHOW]
    followers.mention(entry, [agent for agent in seeing if followers.may_see(entry.ticket, agent)])

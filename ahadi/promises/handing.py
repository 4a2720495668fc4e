"""Giving a ticket to somebody else: with a sentence, with its promises, not behind the customer's back."""

from __future__ import annotations

from ahadi.people.models import Agent, Team
from ahadi.tickets.models import Entry, Ticket


class NoSentence(ValueError):
    """Whoever takes over has to know why, in one sentence at least."""


def hand(ticket: Ticket, to: Agent | Team, sentence: str, *, by: Agent) -> Entry:
    """Change the owner of a ticket; its promise goes along as it stands, and the customer learns the name."""
    sentence = sentence.strip()
    if needs_sentence(ticket, to, by) and not sentence:
        raise NoSentence
    if isinstance(to, Team):
        return _to_team(ticket, to, sentence, by)
    data = {
        "agent": to.pk,
        "name": to.name,
        "owner": to.first_name,
        "sentence": sentence,
        # Somebody looked after it until now, and the customer may know them by name.
        "handed": ticket.assignee_id is not None and ticket.assignee_id != to.pk,
    }
    return ticket.change("assigned", data, by, assignee=to)


def needs_sentence(ticket: Ticket, to: Agent | Team, by: Agent) -> bool:
    """A ticket leaves a person; who takes it from nobody knows why."""
    if ticket.assignee_id is None:
        return False
    return isinstance(to, Team) or to.pk != ticket.assignee_id


def _to_team(ticket: Ticket, team: Team, sentence: str, by: Agent) -> Entry:
    stays = ticket.assignee is not None and ticket.assignee.teams.filter(pk=team.pk).exists()
    data = {"team": team.pk, "name": team.name, "was": ticket.team_id, "sentence": sentence}
    return ticket.change("team", data, by, team=team, assignee=ticket.assignee if stays else None)

"""Giving a ticket to somebody else: with a sentence, with its promises, not behind the customer's back."""

from __future__ import annotations

from ahadi.people.models import Agent, Team
from ahadi.tickets.models import Entry, Ticket

LONGEST = 500


class NoSentence(ValueError):
    """Whoever takes over has to know why, in one sentence at least."""


def hand(ticket: Ticket, to: Agent | Team | None, sentence: str, *, by: Agent) -> Entry:
    """Change the owner of a ticket; its promise goes along as it stands, and the customer learns the name."""
    sentence = sentence.strip()[:LONGEST]
    if needs_sentence(ticket, to) and not sentence:
        raise NoSentence
    if isinstance(to, Team):
        return _to_team(ticket, to, sentence, by)
    data = {"agent": to.pk if to else None, "name": to.name if to else "", "sentence": sentence}
    if to is not None:
        # Somebody looked after it until now, and the customer may know them by name.
        handed = ticket.assignee_id is not None and ticket.assignee_id != to.pk
        data |= {"owner": to.first_name, "handed": handed}
    return ticket.change("assigned", data, by, assignee=to)


def needs_sentence(ticket: Ticket, to: Agent | Team | None) -> bool:
    """A ticket leaves a person; who takes it from nobody, or gives their own back, knows why."""
    if ticket.assignee_id is None or to is None:
        return False
    return isinstance(to, Team) or to.pk != ticket.assignee_id


def _to_team(ticket: Ticket, team: Team, sentence: str, by: Agent) -> Entry:
    stays = ticket.assignee is not None and ticket.assignee.teams.filter(pk=team.pk).exists()
    data = {"team": team.pk, "name": team.name, "was": ticket.team_id, "sentence": sentence}
    return ticket.change("team", data, by, team=team, assignee=ticket.assignee if stays else None)

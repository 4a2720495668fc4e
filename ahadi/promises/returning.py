"""Still not solved: first it goes back to its owner, the second time to somebody else and the lead."""

from __future__ import annotations

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from ahadi.people.models import Address, Agent
from ahadi.promises import chain
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import Kind, Said

# What the customer's two buttons leave in the history.
AGAIN, WORKS, RETURNED = "not_solved", "works", "returned"


@transaction.atomic
def say_not_solved(ticket: Ticket, address: Address, text: str = "") -> Entry:
    """The customer says that the solution was none; the ticket is open again, higher up each time."""
    ticket.lock()
    nth = times(ticket) + 1
    with translation.override(ticket.language):
        words = text.strip() or _("It is still not solved.")
    entry = ticket.receive(
        Said(
            kind=Kind.MESSAGE,
            code=AGAIN,
            text=words,
            by=address.customer,
            address=address,
            channel="form",
            language=ticket.language,
            data={"page": True, "times": nth},
        )
    )
    if nth > 1:
        _take_higher(entry.ticket, nth)
    return entry


def times(ticket: Ticket) -> int:
    """How often a solution of this ticket was none."""
    return Entry.objects.filter(ticket=ticket, code=AGAIN).count()


@transaction.atomic
def say_works(ticket: Ticket, address: Address) -> Entry | None:
    """The customer says that it is solved; None where it is not, or was said before."""
    ticket.lock()
    if not ticket.is_solved or confirmed(ticket) is not None:
        return None
    return ticket.append(Said(kind=Kind.EVENT, code=WORKS, by=address.customer, address=address))


def confirmed(ticket: Ticket) -> Entry | None:
    """The customer's yes to this solution; one from before it was opened again does not count."""
    if ticket.solved is None:
        return None
    return Entry.objects.filter(ticket=ticket, code=WORKS, at__gte=ticket.solved).order_by("-seq").first()


def _take_higher(ticket: Ticket, nth: int) -> None:
    lead = chain.lead_of(ticket)
    other = _somebody_else(ticket, lead)
    if other is not None:
        data = {"agent": other.pk, "name": other.name, "owner": other.first_name}
        handed = ticket.assignee_id is not None
        ticket.change("assigned", data | {"handed": handed, "reason": AGAIN}, None, assignee=other)
    told = {"agent": lead.pk if lead else None, "name": lead.name if lead else "", "times": nth}
    ticket.change(RETURNED, told, None)


def _somebody_else(ticket: Ticket, lead: Agent | None) -> Agent | None:
    """Another person of the team with the fewest open tickets, else the lead."""
    team = Agent.objects.filter(is_active=True, teams=ticket.team)
    if ticket.assignee_id is not None:
        team = team.exclude(pk=ticket.assignee_id)
    busy = {agent.pk: Ticket.objects.open().filter(assignee=agent).count() for agent in team}
    others = sorted(team, key=lambda agent: (busy[agent.pk], agent.pk))
    before = set(
        Entry.objects.filter(ticket=ticket, agent__isnull=False).values_list("agent", flat=True).distinct()
    )
    fresh = [agent for agent in others if agent.pk not in before]
    return next(iter(fresh or others), lead if lead and lead.pk != ticket.assignee_id else None)

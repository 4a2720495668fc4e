"""Absences that begin: what their people looked after goes to whoever stands in, once."""

from __future__ import annotations

from django.db import transaction

from ahadi.lib import clock
from ahadi.routing.models import Absence
from ahadi.routing.reactions import pass_on
from ahadi.tickets.models import Ticket


def hand_over() -> int:
    """Hand over the tickets of everybody whose absence has begun; returns how many."""
    count = 0
    for absence in Absence.objects.to_begin().select_related("agent"):
        count += _hand_over(absence)
    return count


@transaction.atomic
def _hand_over(absence: Absence) -> int:
    # The condition lets one worker do it.
    if not Absence.objects.filter(pk=absence.pk, handed=None).update(handed=clock.now()):
        return 0
    tickets = Ticket.objects.open().filter(assignee=absence.agent).order_by("due", "pk")
    for ticket in tickets:
        pass_on(ticket, absence.agent)
    return len(tickets)

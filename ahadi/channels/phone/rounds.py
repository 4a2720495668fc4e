"""Calls that were wished for a time: it rings as soon as that time has come."""

from __future__ import annotations

from django.db import transaction

from ahadi.channels.models import Call
from ahadi.lib import clock
from ahadi.routing import ringing
from ahadi.routing.models import Ring
from ahadi.tickets.models import Ticket


def attend() -> int:
    """Ring for every call whose time has come; returns how many."""
    return sum(map(_ring, list(Call.objects.to_ring().values_list("pk", flat=True))))


@transaction.atomic
def _ring(pk: int) -> bool:
    ticket = Ticket.objects.get(calls=pk)
    # The ticket first, as everybody else who writes to both.
    ticket.lock()
    call = Call.objects.get(pk=pk)
    if call.ring is not None or call.outcome:
        return False
    if ticket.is_solved:
        # It was answered in another way.
        call.outcome, call.ended = Call.Outcome.WITHDRAWN, clock.now()
    else:
        call.ring = ringing.ring(ticket, Ring.Cause.CALL)
    call.save(update_fields=["ring", "outcome", "ended"])
    return call.ring is not None

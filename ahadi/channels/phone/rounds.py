"""What comes round for calls: it rings when a wished time has come, and strangers are forgotten."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import ProtectedError, RestrictedError

from ahadi.channels.models import Call
from ahadi.lib import clock
from ahadi.people.models import Address
from ahadi.routing import ringing
from ahadi.routing.models import Ring
from ahadi.tickets.models import Ticket

# So long somebody who called about nothing that was written down can still be written down.
REMEMBERED = timedelta(days=1)
MOST = 500


def attend() -> int:
    """Ring for every call whose time has come; returns how many."""
    return sum(map(_ring, list(Call.objects.to_ring().values_list("pk", flat=True))))


def tidy() -> int:
    """Forget strangers who called and of whom nothing was written down; returns how many."""
    before = clock.now() - REMEMBERED
    old = Call.objects.filter(asked__lt=before, ticket=None).values("address")
    strangers = Address.objects.filter(
        pk__in=old, proven=None, customer__name="", customer__avoided=[], customer__tickets=None
    ).exclude(calls__in=Call.objects.filter(asked__gte=before))
    return sum(map(_forget, list(strangers.select_related("customer").distinct()[:MOST])))


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


def _forget(number: Address) -> bool:
    customer = number.customer
    try:
        with transaction.atomic():
            Call.objects.filter(address=number, ticket=None).update(address=None)
            number.delete()
            customer.delete()
    except (ProtectedError, RestrictedError):
        # Something else is known of them: they are no strangers.
        return False
    return True

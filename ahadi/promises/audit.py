"""Every open ticket and its standing promise say the same."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Q

from ahadi.ledger.audit import Fault
from ahadi.promises.models import Promise
from ahadi.tickets.models import Ticket


def audit() -> Iterator[Fault]:
    """Open tickets without a promise, and promises that say something else than their ticket."""
    standing = Promise.objects.open()
    without = Ticket.objects.open().exclude(pk__in=standing.values("ticket"))
    for number in without.values_list("number", flat=True).iterator():
        yield Fault("no_promise", number, f"{number} is open and no promise stands.")
    differs = ~Q(due=F("ticket__due")) | ~Q(step_code=F("ticket__step_code"))
    for number in standing.filter(differs).values_list("ticket__number", flat=True).iterator():
        yield Fault("other_promise", number, f"{number} and its promise name different steps or times.")
    for number in (
        standing.filter(ticket__status="solved").values_list("ticket__number", flat=True).iterator()
    ):
        yield Fault("other_promise", number, f"{number} is solved and a promise still stands.")

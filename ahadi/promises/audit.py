"""Every open ticket and its standing promise say the same."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Q

from ahadi.ledger.audit import Fault
from ahadi.promises import counting
from ahadi.promises.models import Promise, Target
from ahadi.promises.rules import Rules
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
    yield from _targets()


def _targets() -> Iterator[Fault]:
    """What was counted before comes out again from the entries."""
    rules = Rules()
    keys = list(Target.objects.order_by("ticket").values_list("ticket", flat=True).distinct())
    for start in range(0, len(keys), counting.AT_ONCE):
        wanted = keys[start : start + counting.AT_ONCE]
        tickets = list(Ticket.objects.filter(pk__in=wanted).select_related("requester__organization"))
        again = {
            (made.ticket_id, made.metric, made.place): made
            for ticket, history in counting.histories(tickets)
            for made in counting.targets_of(ticket, history, rules)
        }
        for kept in Target.objects.filter(ticket__in=wanted).select_related("ticket"):
            made = again.get((kept.ticket_id, kept.metric, kept.place))
            if made is None or _figures(made) != _figures(kept):
                place = f"{kept.ticket.number} {kept.metric} {kept.place}"
                yield Fault("other_target", place, f"{place} counts differently from its entries.")


def _figures(target: Target) -> tuple[object, ...]:
    return target.began, target.ended, target.due, target.segments

"""Terms: what is kept no longer than an administrator allows; each kind is a class in settings.RETENTION."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.utils.functional import Promise as LazyText
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from ahadi.lib import clock
from ahadi.tickets import erasure
from ahadi.tickets.models import Hold, Retention, Ticket

log = logging.getLogger("ahadi.retention")

# In one transaction.
AT_ONCE = 100
SHORTEST = 7


class Kind(Protocol):
    """One kind of thing that has a term."""

    label: str | LazyText

    def count(self, before: datetime) -> int:
        """How many are older."""

    def destroy(self, before: datetime) -> int:
        """Destroy what is older; returns how many."""


class Solved:
    """Requests that were solved long ago: all that was said in them."""

    label = _("Everything said in solved requests, counted from the day they were solved")

    def count(self, before: datetime) -> int:
        return len(self._due(before))

    def destroy(self, before: datetime) -> int:
        due = self._due(before)
        for start in range(0, len(due), AT_ONCE):
            some = Ticket.objects.filter(pk__in=due[start : start + AT_ONCE])
            erasure.erase(erasure.Matter.of_tickets(some), "term", None)
        return len(due)

    def _due(self, before: datetime) -> list[int]:
        held = Hold.objects.filter(lifted=None).values("customer")
        old = Ticket.objects.filter(status=Ticket.Status.SOLVED, solved__lt=before)
        free = old.exclude(requester__in=held).exclude(entries__code=erasure.TOMBSTONE)
        return list(free.order_by("pk").values_list("pk", flat=True))


def kinds() -> Iterator[tuple[str, Kind]]:
    """Every kind by its code."""
    for code, path in settings.RETENTION.items():
        yield code, import_string(path)()


def dry_run() -> dict[str, int]:
    """How many of each kind would go now, under the terms that are set."""
    terms = dict(Retention.objects.values_list("kind", "days"))
    return {code: kind.count(_before(terms[code])) for code, kind in kinds() if code in terms}


def would_go(code: str, days: int) -> int:
    """How many would go now, were the term so many days."""
    return dict(kinds())[code].count(_before(days))


def clean() -> dict[str, int]:
    """Destroy what is past its term; a kind that fails does not keep the others from theirs."""
    done = {}
    for code, kind in kinds():
        term = Retention.objects.filter(kind=code).first()
        if term is None:
            continue
        try:
            done[code] = kind.destroy(_before(term.days))
        except Exception:
            log.exception("What is past its term was not destroyed: %s", code)
    return done


def _before(days: int) -> datetime:
    return clock.now() - timedelta(days=max(days, SHORTEST))

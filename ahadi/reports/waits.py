"""How long people waited for an answer in the last comparable hour: measured, with the number of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from statistics import median
from typing import NamedTuple

from django.db.models import Min, Q

from ahadi.lib import clock
from ahadi.reports.curve import Curve, Span
from ahadi.tickets.models import Entry, Ticket

WEEK, HOUR = timedelta(days=7), timedelta(hours=1)
# The same hour of the week, as far back as it still says something about now.
WEEKS = 4


class Wait(NamedTuple):
    """An hour, how many asked in it, and within what time half of them had a person's answer."""

    begin: datetime
    requests: int
    half: timedelta

    @property
    def end(self) -> datetime:
        """When the hour was over."""
        return self.begin + HOUR


def comparable(channel: str = "") -> Wait | None:
    """The newest of the same hours of the week in which somebody asked; None where nobody did."""
    now = clock.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    begins = [hour - weeks * WEEK for weeks in range(1, WEEKS + 1)]
    asked = _asked(begins, channel)
    for begin in begins:
        spans = [
            Span(((answered or now) - opened).total_seconds(), answered is not None)
            for opened, answered in asked
            if begin <= opened < begin + HOUR
        ]
        if spans:
            return _wait(begin, spans)
    return None


def _asked(begins: Sequence[datetime], channel: str) -> list[tuple[datetime, datetime | None]]:
    """When each of those hours' requests came, and when a person answered it."""
    human = Q(entries__kind=Entry.Kind.REPLY, entries__automatic=False)
    hours = [Q(opened__gte=begin, opened__lt=begin + HOUR) for begin in begins]
    # Nothing was changed before it was opened; only changes are in order.
    found = Ticket.objects.filter(reduce(or_, hours), updated__gte=min(begins), merged_into=None)
    found = found.filter(channel=channel) if channel else found
    return list(found.annotate(answered=Min("entries__at", filter=human)).values_list("opened", "answered"))


def _wait(begin: datetime, spans: Sequence[Span]) -> Wait | None:
    curve = Curve(spans)
    if curve.top < 0.5:
        return None
    is_over = all(span.has_ended for span in spans)
    half = median(span.seconds for span in spans) if is_over else curve.seconds(0.5)
    return Wait(begin, len(spans), timedelta(seconds=half))

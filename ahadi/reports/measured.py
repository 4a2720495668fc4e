"""What became of targets: met or missed, how many, and how long it took in working and calendar time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any, NamedTuple

from ahadi.lib import clock
from ahadi.people.models import Agent
from ahadi.promises.models import Policy, Target
from ahadi.tickets.models import Ticket

# The newest targets that are looked at; a house with more of them learns nothing else from older ones.
MOST = 5_000
FIELDS = ("metric", "began", "due", "ended", "segments")


class Length(NamedTuple):
    """How long it took: half of them, and nine of ten."""

    half: timedelta
    most: timedelta


class Figure(NamedTuple):
    """One metric with its numbers; a clock that runs past its time is missed already."""

    metric: Policy.Metric
    met: int
    missed: int
    running: int
    # In working hours, and as the customer counts: the nights and the weekend too. None where nothing ended.
    business: Length | None
    calendar: Length | None


class Figures(NamedTuple):
    """The figures, and how many targets were left out because their request went on in another."""

    rows: list[Figure]
    merged: int
    is_cut: bool


def figures(agent: Agent, since: datetime) -> Figures:
    """What became of the targets that began since a moment, of the tickets this agent may see."""
    seen = Ticket.objects.visible_to(agent)
    begun = Target.objects.filter(seen.named_by("ticket"), began__gte=since)
    counted = begun.filter(ticket__merged_into=None).order_by("-pk")
    rows = list(counted.values_list(*FIELDS)[:MOST])
    now = clock.now()
    found = [
        _figure(metric, [row for row in rows if row[0] == metric], now)
        for metric in Policy.Metric
        if any(row[0] == metric for row in rows)
    ]
    return Figures(found, begun.exclude(ticket__merged_into=None).count(), len(rows) == MOST)


def _figure(metric: Policy.Metric, rows: Sequence[Any], now: datetime) -> Figure:
    ended = [row for row in rows if row[3] is not None]
    # At rest, nothing is due.
    missed = sum(due is not None and (end or now) > due for _metric, _began, due, end, _segments in rows)
    met = sum(due is None or end <= due for _metric, _began, due, end, _segments in ended)
    business = [sum(part[4] for part in segments if part[2] == "running") for *_rest, segments in ended]
    calendar = [(end - began).total_seconds() for _metric, began, _due, end, _segments in ended]
    return Figure(metric, met, missed, len(rows) - met - missed, _length(business), _length(calendar))


def _length(seconds: Sequence[float]) -> Length | None:
    if not seconds:
        return None
    most = sorted(seconds)[math.ceil(0.9 * len(seconds)) - 1]
    return Length(timedelta(seconds=median(seconds)), timedelta(seconds=most))

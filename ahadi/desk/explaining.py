"""Why a target is due when it is: every stretch of its clock in one line, counted from the entries."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from ahadi.calendars.wording import wording
from ahadi.promises import counting
from ahadi.promises.models import Policy
from ahadi.promises.rules import Rules
from ahadi.promises.segments import Clock, Segment
from ahadi.tickets.models import Ticket


class Line(NamedTuple):
    """One stretch: from when to when, what it was, and how much working time went by in it."""

    start: datetime
    end: datetime | None
    is_running: bool
    text: str
    length: str


class Explained(NamedTuple):
    """One clock of a ticket in words."""

    name: str
    place: int
    policy: str
    began: datetime
    ended: datetime | None
    due: datetime | None
    missed: datetime | None
    target: str
    used: str
    lines: list[Line]


def explain(ticket: Ticket, language: str) -> list[Explained]:
    """Every clock of a ticket, newest first within its kind."""
    rules = Rules()
    names = {policy.pk: policy for policy in rules.policies}
    ((_ticket, history),) = counting.histories([ticket])
    found = []
    for span, clock in counting.clocks(ticket, history, rules):
        policy = names.get(clock.policy)
        if policy is not None:
            found.append(_explained(span.metric, span.place, clock, policy, language))
    return found


def _explained(metric: str, place: int, clock: Clock, policy: Policy, language: str) -> Explained:
    target = policy.target(metric)
    return Explained(
        name=str(Policy.Metric(metric).label),
        place=place,
        policy=policy.name,
        began=clock.began,
        ended=clock.ended,
        due=clock.due,
        missed=clock.missed,
        target=length(int(target.total_seconds()), language) if target else "",
        used=length(clock.used, language),
        lines=[_line(segment, language) for segment in clock.segments],
    )


def _line(segment: Segment, language: str) -> Line:
    return Line(
        segment.start, segment.end, segment.is_running, _text(segment), length(segment.seconds, language)
    )


def _text(segment: Segment) -> str:
    if segment.is_running:
        return {
            "policy": _("It runs by another target"),
            "calendar": _("It runs by other working hours"),
        }.get(segment.reason, _("It runs"))
    return {
        "customer": _("It rests: we asked, and the customer has not answered"),
        "solved": _("It rests: the ticket was solved"),
        "no_policy": _("It rests: no target is set"),
    }.get(segment.reason, _("It rests"))


def length(seconds: int, language: str) -> str:
    """Working time as people say it: "2 h 30 min"."""
    said = wording(language)
    minutes = seconds // 60
    hours, rest = divmod(minutes, 60)
    if not hours:
        return said.digits(said.minute.format(rest))
    whole = said.hour.format(hours)
    return said.digits(f"{whole}{said.and_}{said.minute.format(rest)}" if rest else whole)

"""A clock as segments: how working time ran or rested, and when it is due by the rules of each stretch.

Pure functions over moments: no tables, no ticket. A clock that was paused goes on with what was left, so
its due time moves by exactly the working time that it rested; a new rule counts from its first moment on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from ahadi.calendars import Calendar


class Rule(NamedTuple):
    """What holds from a moment on: so many working seconds of this calendar, by this policy; or nothing."""

    since: datetime
    calendar: Calendar
    seconds: int | None
    policy: int = 0
    why: str = ""


class Rest(NamedTuple):
    """A time in which the clock does not run, and why; without an end it rests still."""

    start: datetime
    end: datetime | None
    reason: str


class Segment(NamedTuple):
    """One stretch of a clock; `due` is what was due by its rule at its beginning."""

    start: datetime
    end: datetime | None
    is_running: bool
    reason: str
    seconds: int
    due: datetime | None
    policy: int = 0


@dataclass(slots=True)
class Clock:
    """A clock as it was counted."""

    began: datetime
    ended: datetime | None
    segments: list[Segment] = field(default_factory=list)
    due: datetime | None = None
    missed: datetime | None = None
    used: int = 0
    policy: int = 0


def count(
    began: datetime, ended: datetime | None, rules: Sequence[Rule], rests: Iterable[Rest], now: datetime
) -> Clock:
    """Count a clock from its beginning to its end, or as far as it is now."""
    clock = Clock(began, ended)
    pauses = list(rests)
    stretches = _stretches(clock, ended or now, rules, pauses)
    for place, (start, end) in enumerate(stretches, 1):
        _add(clock, start, end, rules, pauses, is_last=place == len(stretches))
    return clock


def _add(
    clock: Clock, start: datetime, end: datetime, rules: Sequence[Rule], rests: list[Rest], *, is_last: bool
) -> None:
    rule = rule_at(rules, start)
    rest = next(
        (rest for rest in rests if rest.start <= start and (rest.end is None or rest.end > start)), None
    )
    shown_end = None if is_last and clock.ended is None else end
    if rule.seconds is not None:
        clock.policy = rule.policy
    if rule.seconds is None or rest is not None:
        reason = rest.reason if rest else "no_policy"
        clock.due = None
        clock.segments.append(Segment(start, shown_end, False, reason, 0, None, rule.policy))
        return
    left = rule.seconds - clock.used
    clock.due = rule.calendar.add(start, left) if left > 0 else clock.missed or start
    seconds = rule.calendar.between(start, end)
    if clock.missed is None and clock.due < end:
        clock.missed = clock.due
    clock.used += seconds
    clock.segments.append(Segment(start, shown_end, True, rule.why, seconds, clock.due, rule.policy))


def _stretches(
    clock: Clock, until: datetime, rules: Sequence[Rule], rests: Iterable[Rest]
) -> list[tuple[datetime, datetime]]:
    """The stretches in which neither rule nor rest changes; what changes just now begins its own."""
    edges = {rule.since for rule in rules}
    for rest in rests:
        edges |= {rest.start, rest.end or rest.start}
    inside = {edge for edge in edges if clock.began < edge < until or (clock.ended is None and edge == until)}
    cuts = sorted({clock.began, *inside})
    return [*pairwise(cuts), (cuts[-1], until)]


def rule_at(rules: Sequence[Rule], at: datetime) -> Rule:
    """The rule that holds at a moment."""
    place = bisect_right([rule.since for rule in rules], at)
    return rules[max(place - 1, 0)]

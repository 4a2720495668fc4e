"""Which policy measures a ticket at each moment, and by whose hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import zip_longest
from typing import Any

from ahadi.calendars import Calendar
from ahadi.people.models import Company, HoursVersion, Team, WorkingHours
from ahadi.promises.models import Policy
from ahadi.promises.segments import Rule


@dataclass(frozen=True)
class Change:
    """What a ticket is from a moment on."""

    at: datetime
    facts: Mapping[str, Any]


class Rules:
    """Every policy and every version of every working hours, read once for many tickets."""

    def __init__(self) -> None:
        self.policies = list(Policy.objects.order_by("place", "pk"))
        self.company = Company.current()
        self.teams = dict(Team.objects.values_list("pk", "working_hours"))
        self.versions: dict[int, list[HoursVersion]] = {}
        for version in HoursVersion.objects.order_by("since", "pk"):
            self.versions.setdefault(version.working_hours_id, []).append(version)
        self.hours = {hours.pk: hours for hours in WorkingHours.objects.all()}
        moments = {moment for policy in self.policies for moment in (policy.since, policy.until)}
        self.moments = sorted(moment for moment in moments if moment is not None)

    @property
    def mark(self) -> str:
        """Another text as soon as any rule has changed."""
        parts = [(policy.pk, str(policy.until)) for policy in self.policies]
        hours = [(key, found[-1].pk) for key, found in sorted(self.versions.items())]
        said = repr((parts, hours, sorted(self.teams.items()), self.company.working_hours_id))
        return sha256(said.encode()).hexdigest()

    def of(self, metric: str, changes: list[Change]) -> list[Rule]:
        """The rules of a clock, in order, each from the moment it holds."""
        edges = {change.at for change in changes} | {at for at in self.moments if at > changes[0].at}
        whole: list[Rule] = []
        cuts = sorted(edges)
        for at, following in zip_longest(cuts, cuts[1:]):
            facts = next(change.facts for change in reversed(changes) if change.at <= at)
            for rule in self._between(metric, facts, at, following):
                _join(whole, rule)
        return whole

    def policy(self, facts: Mapping[str, Any], at: datetime) -> Policy | None:
        """The first policy that holds at a moment and whose conditions are met."""
        return next((found for found in self.policies if found.holds(at) and found.meets(facts)), None)

    def _between(
        self, metric: str, facts: Mapping[str, Any], at: datetime, following: datetime | None
    ) -> list[Rule]:
        """One policy from a moment on, by each version of its hours until the next change."""
        policy = self.policy(facts, at)
        target = policy.target(metric) if policy else None
        key = self._hours(policy, facts)
        seconds = int(target.total_seconds()) if target else None
        first = Rule(at, self._calendar(key, at), seconds, policy.pk if policy else 0)
        return [first] + [
            first._replace(since=version.since, calendar=version.calendar)
            for version in self.versions.get(key, [])
            if version.since > at and (following is None or version.since < following)
        ]

    def _hours(self, policy: Policy | None, facts: Mapping[str, Any]) -> int:
        own = policy.working_hours_id if policy else None
        of_team = self.teams.get(facts["team"])
        return own or facts.get("hours") or of_team or self.company.working_hours_id

    def _calendar(self, key: int, at: datetime) -> Calendar:
        known = [version for version in self.versions.get(key, []) if version.since <= at]
        if known:
            return known[-1].calendar
        first = next(iter(self.versions.get(key, [])), None)
        return first.calendar if first else self.hours[key].calendar


def _join(whole: list[Rule], rule: Rule) -> None:
    """Add a rule where it says something new, named for what has changed."""
    before = whole[-1] if whole else None
    if before is None:
        whole.append(rule)
    elif (rule.policy, rule.seconds) != (before.policy, before.seconds):
        whole.append(rule._replace(why="policy"))
    elif rule.calendar is not before.calendar:
        whole.append(rule._replace(why="calendar"))

"""How many people it takes to answer in time: Erlang C, for callers who wait and do not give up."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf

# Beyond this many people nobody plans by hand.
MOST = 10_000


@dataclass(frozen=True)
class Load:
    """Contacts in an interval, and how long each keeps one person busy; times in seconds."""

    contacts: float
    interval: float
    handling: float

    @property
    def erlangs(self) -> float:
        """People who would be busy without a break if nobody ever waited."""
        return self.contacts * self.handling / self.interval

    def waits(self, people: int) -> float:
        """The share of contacts that find everybody busy."""
        load = self.erlangs
        if people <= load:
            return 1.0
        blocked = _blocked(load, people)
        return blocked / (1 - (load / people) * (1 - blocked))

    def service_level(self, people: int, within: float) -> float:
        """The share of contacts that are answered within a time."""
        if people <= self.erlangs:
            return 0.0
        return 1 - self.waits(people) * exp(-(people - self.erlangs) * within / self.handling)

    def average_wait(self, people: int) -> float:
        """Seconds until an answer on average; without end where there are too few people."""
        if people <= self.erlangs:
            return inf
        return self.waits(people) * self.handling / (people - self.erlangs)

    def occupancy(self, people: int) -> float:
        """The share of their time for which people are busy."""
        return min(self.erlangs / people, 1.0)

    def people_for(self, share: float, within: float, busiest: float = 1.0) -> int:
        """The fewest people who answer such a share in time and are not busier than that."""
        people = int(self.erlangs) + 1
        while people < MOST:
            if self.service_level(people, within) >= share and self.occupancy(people) <= busiest:
                break
            people += 1
        return people


def _blocked(load: float, people: int) -> float:
    """Erlang B, step by step so that no factorial overflows."""
    blocked = 1.0
    for count in range(1, people + 1):
        blocked = load * blocked / (count + load * blocked)
    return blocked

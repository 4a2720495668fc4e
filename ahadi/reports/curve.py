"""How long cases take, from those that ended and those that are still open (Kaplan and Meier, 1958)."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from statistics import NormalDist
from typing import NamedTuple

NORMAL = NormalDist()
# Beyond what was seen, durations of work are taken as log-normal, at least as wide as people's work
# commonly is: a short history must not promise that nothing lasts long.
NARROWEST, WIDEST = 2.3, 4.0
LONGEST_SHARE = 0.9999


class Span(NamedTuple):
    """A duration in seconds, and whether it is the whole of it; an open case has lasted at least as long."""

    seconds: float
    has_ended: bool


class Step(NamedTuple):
    """Where a curve goes up: the share of cases that end within this time, and how many were still open."""

    seconds: float
    share: float
    at_risk: int


def steps(spans: Iterable[Span]) -> Iterator[Step]:
    """The product-limit estimate: each end counts among those that were still open then."""
    lengths, ends = [], Counter[float]()
    for seconds, has_ended in spans:
        lengths.append(seconds)
        if has_ended:
            ends[seconds] += 1
    lengths.sort()
    surviving = 1.0
    for seconds in sorted(ends):
        at_risk = len(lengths) - bisect_left(lengths, seconds)
        surviving *= 1 - ends[seconds] / at_risk
        yield Step(seconds, 1 - surviving, at_risk)


class Curve:
    """The share of cases that end within a time, between the ends that were seen and beyond them."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self.times, self.shares = [0.0], [0.0]
        for seconds, share, at_risk in steps(spans):
            # The very last of all says nothing about the share that lasts longer.
            known = share if at_risk > 1 else (self.shares[-1] + 1) / 2
            if seconds <= self.times[-1]:
                self.shares[-1] = known
            else:
                self.times.append(seconds)
                self.shares.append(known)
        self.shares = [min(share, LONGEST_SHARE) for share in self.shares]
        self.top, self.last = self.shares[-1], self.times[-1]
        self._end = NORMAL.inv_cdf(self.top) if self.last else 0.0
        self._width = self._spread()

    def share(self, seconds: float) -> float:
        """How many cases of one have ended after this time."""
        if not self.last:
            return 0.0
        if seconds >= self.last:
            return NORMAL.cdf(self._end + math.log(seconds / self.last) / self._width)
        place = bisect_right(self.times, seconds)
        (t0, t1), (s0, s1) = self.times[place - 1 : place + 1], self.shares[place - 1 : place + 1]
        return s0 + (s1 - s0) * (seconds - t0) / (t1 - t0)

    def seconds(self, share: float) -> float:
        """The time after which this share of cases has ended."""
        if share <= 0:
            return 0.0
        if share > self.top:
            beyond = NORMAL.inv_cdf(min(share, LONGEST_SHARE)) - self._end
            return self.last * math.exp(self._width * max(beyond, 0.0))
        place = bisect_left(self.shares, share)
        if place == 0:
            return 0.0
        (t0, t1), (s0, s1) = self.times[place - 1 : place + 1], self.shares[place - 1 : place + 1]
        return t0 + (t1 - t0) * (share - s0) / (s1 - s0) if s1 > s0 else t1

    def _spread(self) -> float:
        place = min(bisect_left(self.shares, self.top / 2), len(self.times) - 1)
        time, share = self.times[place], self.shares[place]
        if not 0 < time < self.last or not share < self.top:
            return NARROWEST
        width = math.log(self.last / time) / (self._end - NORMAL.inv_cdf(share))
        return min(max(width, NARROWEST), WIDEST)

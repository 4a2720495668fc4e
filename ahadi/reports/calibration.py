"""Stated ranges that hold as often as they say: what came of earlier ones corrects the next."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from ahadi.reports.curve import Curve, Span, steps

# How wide a share the stated range is to hold.
TARGET = 0.8
# How much of all the misses so far is made good at once (adaptive conformal inference,
# Gibbs and Candès, 2021).
PACE = 0.02
LEAST, MOST = 0.4, 0.95
# Earlier statements that the next one learns from, and the fewest of them.
WINDOW, FEWEST = 1000, 40
# Fewer open cases than this say little about what is still to come.
FEWEST_AT_RISK = 10
# A new level after so many statements: between them little has changed.
EVERY = 10


@dataclass(frozen=True, slots=True)
class Stated:
    """A range as it was stated when a case began; `ended` is only looked at once it has come."""

    opened: float
    ended: float | None
    curve: Curve
    below: float
    low: float
    high: float
    level: float

    def span(self, at: float) -> Span:
        """What was known of the case at a moment."""
        if self.ended is not None and self.ended <= at:
            return Span(self.ended - self.opened, True)
        return Span(at - self.opened, False)

    def score(self, at: float) -> Span:
        """The level that would just have been wide enough; while the case is open, at least this one."""
        lasted, has_ended = self.span(at)
        share = self.curve.share(lasted)
        above = 1 - (1 - share) / (1 - self.below)
        under = 1 - share / self.below if self.below and has_ended else 0.0
        return Span(max(above, under, 0.0), has_ended)

    def holds(self, lasted: float) -> bool:
        """The case lasted as long as was stated."""
        return self.low <= lasted <= self.high


class Scores:
    """How wide earlier ranges had to be, open cases counted as open."""

    def __init__(self, scores: Iterable[Span]) -> None:
        self.levels, self.shares = [0.0], [0.0]
        for level, share, at_risk in steps(scores):
            if at_risk < FEWEST_AT_RISK:
                break
            self.levels.append(level)
            self.shares.append(share)

    def wider(self, level: float) -> float:
        """The share of cases that needed more than this level."""
        last = self.levels[-1]
        if level >= last:
            return (1 - self.shares[-1]) * (1 - level) / (1 - last) if last < 1 else 0.0
        return 1 - self.shares[bisect_right(self.levels, level) - 1]

    def level(self, share: float) -> float:
        """The level that was wide enough for this share of cases."""
        if self.shares[-1] >= share:
            return self.levels[bisect_left(self.shares, share)]
        return 1 - (1 - share) / (1 - self.shares[-1]) * (1 - self.levels[-1])


class Calibration:
    """The level at which ranges are stated now."""

    def __init__(self) -> None:
        self.level = TARGET
        self._recent: deque[Stated] = deque(maxlen=WINDOW)
        self._unsettled: list[Stated] = []
        self._missing = 0.0
        self._count = 0

    def add(self, stated: Stated) -> None:
        """Learn from this statement once it is known what came of it."""
        self._recent.append(stated)
        self._unsettled.append(stated)

    def level_at(self, at: float) -> float:
        """The level for a statement that is made at this moment."""
        if self._count % EVERY == 0 and len(self._recent) >= FEWEST:
            self._settle(at)
            scores = Scores(stated.score(at) for stated in self._recent)
            missing = self._missing + self._to_come(at, scores)
            self.level = scores.level(min(max(TARGET + PACE * missing, LEAST), MOST))
        self._count += 1
        return min(max(self.level, 0.2), 0.999)

    def _settle(self, at: float) -> None:
        """A case that ended has held or missed its range; one that outlasted it has missed already."""
        waiting = []
        for stated in self._unsettled:
            lasted, has_ended = stated.span(at)
            if has_ended:
                self._missing += TARGET - stated.holds(lasted)
            elif lasted > stated.high:
                self._missing += TARGET
            else:
                waiting.append(stated)
        self._unsettled = waiting

    def _to_come(self, at: float, scores: Scores) -> float:
        """What the open cases will bring: quick ends are known first and look too good alone."""
        missing = 0.0
        for stated in self._unsettled:
            level = stated.score(at).seconds
            still = scores.wider(level)
            if level > 0 and still > 0:
                held = 1 - scores.wider(stated.level) / still if level < stated.level else 0.0
                missing += TARGET - held
        return missing

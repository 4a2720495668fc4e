"""Stated ranges that hold as often as they say: what came of earlier ones corrects the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ahadi.reports.curve import Curve, Span

# How wide a share the stated range is to hold.
TARGET = 0.8
# All misses too many so far are made good within so many more statements: a twentieth of those made, and
# never fewer than these (adaptive conformal inference, Gibbs and Candès, 2021).
SHARE, FEWEST = 0.05, 150
# Whatever went wrong before, a range stays one that can be told.
LEAST, MOST = 0.5, 0.92
# A new level after so many statements, and after a share of all: between them little has changed.
EVERY, SELDOM = 10, 0.002

Kind = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stated:
    """A range as it was stated when a case began; `ended` is only looked at once it has come."""

    opened: float
    ended: float | None
    kind: Kind
    low: float
    high: float

    def span(self, at: float) -> Span:
        """What was known of the case at a moment."""
        if self.ended is not None and self.ended <= at:
            return Span(self.ended - self.opened, True)
        return Span(at - self.opened, False)

    def holds(self, lasted: float) -> bool:
        """The case lasted as long as was stated."""
        return self.low <= lasted <= self.high

    def may_hold(self, lasted: float, curve: Curve) -> float:
        """How likely a case that is still open after this time ends within its range."""
        over, before = curve.share(lasted), curve.share(self.low)
        if over >= 1:
            return 0.0
        return max(curve.share(self.high) - max(over, before), 0.0) / (1 - over)


class Calibration:
    """The level at which ranges are stated now.

    Misses that are known pull it up, and ranges that held let it down, in proportion to how far all of them
    together are from the target: so their share comes to the target in the long run, whatever the history.
    Quick ends are known first; what the open cases will bring is therefore counted in as well, as the
    newest curve of their kind has it.
    """

    def __init__(self) -> None:
        self.level = TARGET
        self._unsettled: list[Stated] = []
        self._missing = 0.0
        self._count = self._next = 0

    def add(self, stated: Stated) -> None:
        """Learn from this statement once it is known what came of it."""
        self._unsettled.append(stated)
        self._count += 1

    def adapt(self, at: float, curves: Mapping[Kind, Curve]) -> float:
        """The level for a statement that is made at this moment."""
        if self._count >= self._next:
            self._next = self._count + max(EVERY, int(SELDOM * self._count))
            self._settle(at)
            missing = self._missing + self._to_come(at, curves)
            pace = missing / max(FEWEST, SHARE * self._count)
            self.level = min(max(TARGET + pace, LEAST), MOST)
        return self.level

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

    def _to_come(self, at: float, curves: Mapping[Kind, Curve]) -> float:
        return sum(
            TARGET - stated.may_hold(at - stated.opened, curves[stated.kind]) for stated in self._unsettled
        )

"""How long a case of a kind usually takes, told at its beginning from what was known by then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ahadi.reports.calibration import Calibration, Stated
from ahadi.reports.curve import Curve, Span

# With fewer ended cases nothing is said.
FEWEST = 20
# The newest ended cases that count, and the most cases looked at for them.
WINDOW, MOST = 500, 1500
# How the part outside a range is shared out; a long tail makes the one at the beginning the shortest.
BELOW = (0.0, 0.1, 0.25, 0.4, 0.5)

Kind = tuple[str, ...]


class Case(NamedTuple):
    """A case by when it began and ended, in seconds; its kind from the broad to the narrow."""

    opened: float
    ended: float | None
    kind: Kind


class Forecast(NamedTuple):
    """What is said when a case begins: eight of ten last between low and high, seconds."""

    kind: Kind
    cases: int
    low: float
    high: float
    half: float
    most: float


class Forecaster:
    """Learns from cases in the order in which they began."""

    def __init__(self) -> None:
        self._history: defaultdict[Kind, list[Case]] = defaultdict(list)
        self._calibration = Calibration()

    def add(self, case: Case) -> Forecast | None:
        """What could be said when this case began; it is known from then on."""
        said = self._say(case)
        for depth in range(len(case.kind) + 1):
            self._history[case.kind[:depth]].append(case)
        return said

    def usual(self, kind: Kind, at: float) -> Forecast | None:
        """What is said about a case that begins now; None where too few have ended."""
        known = self._known(kind, at)
        if known is None:
            return None
        found, spans, count = known
        curve = Curve(spans)
        low, high, _below = _shortest(curve, self._calibration.level_at(at))
        return Forecast(found, count, low, high, curve.seconds(0.5), curve.seconds(0.9))

    def _say(self, case: Case) -> Forecast | None:
        known = self._known(case.kind, case.opened)
        if known is None:
            return None
        kind, spans, count = known
        curve, level = Curve(spans), self._calibration.level_at(case.opened)
        low, high, below = _shortest(curve, level)
        self._calibration.add(Stated(case.opened, case.ended, curve, below, low, high, level))
        return Forecast(kind, count, low, high, curve.seconds(0.5), curve.seconds(0.9))

    def _known(self, kind: Kind, at: float) -> tuple[Kind, list[Span], int] | None:
        """The newest cases of the narrowest kind of which enough have ended."""
        for depth in range(len(kind), -1, -1):
            spans, ended = _newest(self._history.get(kind[:depth], ()), at)
            if ended >= FEWEST:
                return kind[:depth], spans, ended
        return None


def replay(cases: Iterable[Case]) -> Iterator[tuple[Case, Forecast | None]]:
    """Every case with what could be said when it began, in the order of time."""
    forecaster = Forecaster()
    for case in sorted(cases, key=lambda case: case.opened):
        yield case, forecaster.add(case)


def _newest(cases: Sequence[Case], at: float) -> tuple[list[Span], int]:
    spans: list[Span] = []
    count = 0
    for case in reversed(cases):
        if case.ended is not None and case.ended <= at:
            spans.append(Span(case.ended - case.opened, True))
            count += 1
        else:
            spans.append(Span(at - case.opened, False))
        if count >= WINDOW or len(spans) >= MOST:
            break
    return spans, count


def _shortest(curve: Curve, level: float) -> tuple[float, float, float]:
    """The shortest range that holds this share, and how much of the rest lies below it."""
    ranges = []
    for below in BELOW:
        low, high = curve.seconds(below * (1 - level)), curve.seconds(1 - (1 - below) * (1 - level))
        ranges.append((high - low, low, high, below))
    _width, low, high, below = min(ranges)
    return low, high, below

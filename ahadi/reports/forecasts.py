"""How long a case of a kind usually takes, told at its beginning from what was known by then."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ahadi.reports.calibration import Calibration, Kind, Stated
from ahadi.reports.curve import Curve, Span

# With fewer ended cases nothing is said.
FEWEST = 20
# The newest ended cases that count, and the most cases looked at for them.
WINDOW, MOST = 500, 1500
# A curve is drawn anew when its cases have become so much more.
GROWTH = 25
# How the part outside a range is shared out; a long tail makes the one at the beginning the shortest.
BELOW = (0.0, 0.1, 0.25, 0.4, 0.5)


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


class Known(NamedTuple):
    """What is known of a kind, from so many of its cases, of which so many have ended."""

    curve: Curve
    cases: int
    ended: int


class Forecaster:
    """Learns from cases in the order in which they began."""

    def __init__(self) -> None:
        self._history: defaultdict[Kind, list[Case]] = defaultdict(list)
        # When its cases end, earliest first, known or not yet.
        self._ends: defaultdict[Kind, list[float]] = defaultdict(list)
        self._known: dict[Kind, Known] = {}
        self._curves: dict[Kind, Curve] = {}
        self._calibration = Calibration()

    def add(self, case: Case) -> Forecast | None:
        """What could be said when this case began; it is known from then on."""
        said = self._say(case)
        for depth in range(len(case.kind) + 1):
            self._history[case.kind[:depth]].append(case)
            if case.ended is not None:
                insort(self._ends[case.kind[:depth]], case.ended)
        return said

    def usual(self, kind: Kind, at: float) -> Forecast | None:
        """What is said about a case that begins now; None where too few have ended."""
        for depth in range(len(kind), -1, -1):
            known = self._look(kind[:depth], at)
            if known.ended >= FEWEST:
                level = self._calibration.adapt(at, self._curves)
                return _forecast(kind[:depth], known, _shortest(known.curve, level))
        return None

    def _say(self, case: Case) -> Forecast | None:
        kind = self._narrowest(case.kind, case.opened)
        if kind is None:
            return None
        known = self._known[kind]
        low, high = _shortest(known.curve, self._calibration.adapt(case.opened, self._curves))
        self._calibration.add(Stated(case.opened, case.ended, kind, low, high))
        return _forecast(kind, known, (low, high))

    def _narrowest(self, kind: Kind, at: float) -> Kind | None:
        """The narrowest kind of which enough have ended, looked at anew where it has grown."""
        for depth in range(len(kind), -1, -1):
            name = kind[:depth]
            if bisect_right(self._ends[name], at) < FEWEST:
                # Most cases of a flood are open: nothing could be said, whatever their curve.
                continue
            known, count = self._known.get(name), len(self._history[name])
            if known is None or count >= known.cases + max(1, known.ended // GROWTH):
                known = self._known[name] = self._look(name, at)
                self._curves[name] = known.curve
            if known.ended >= FEWEST:
                return name
        return None

    def _look(self, kind: Kind, at: float) -> Known:
        cases = self._history.get(kind, [])
        spans, ended = _newest(cases, at)
        return Known(Curve(spans), len(cases), ended)


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


def _shortest(curve: Curve, level: float) -> tuple[float, float]:
    """The shortest range that holds this share."""
    ranges = []
    for below in BELOW:
        low, high = curve.seconds(below * (1 - level)), curve.seconds(1 - (1 - below) * (1 - level))
        ranges.append((high - low, low, high))
    return min(ranges)[1:]


def _forecast(kind: Kind, known: Known, stated: tuple[float, float]) -> Forecast:
    curve = known.curve
    return Forecast(kind, known.ended, *stated, curve.seconds(0.5), curve.seconds(0.9))

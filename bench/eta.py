"""bin/bench eta FILE --opened COL --resolved COL --kind COL[,COL…]: how well "usually takes" would have held.

Goes through a table of cases in the order in which they began. For each it states, from what was known
at that moment alone, a range that is to hold eight of ten, then looks at what came. A case that is open
when the record ends is counted as what it is: it has lasted at least as long (product-limit estimate).

Beside it stands what many products show, for the same cases: the range between the tenth and the ninetieth
percentile of the 500 that have ended last of the same kind, and how wide both are.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
from bisect import insort
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from heapq import heappop, heappush
from pathlib import Path
from statistics import median
from typing import NamedTuple

from ahadi.reports.calibration import Kind
from ahadi.reports.curve import Span, steps
from ahadi.reports.forecasts import FEWEST, WINDOW, Case, Forecast, replay

HOUR = 3600


class Range(NamedTuple):
    """Durations from low to high, seconds."""

    low: float
    high: float


# Tables write their times in their own way; one that reads the whole column is taken.
FORMS = (
    "",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%Y/%m/%d %H:%M:%S",
)
NOTHING = ("", "?", "null", "none", "nan", "na", "n/a", "nat")


def main(words: Sequence[str]) -> int:
    """Replay one table and print what came of it."""
    arguments = _read(words)
    try:
        cases = read_cases(arguments.file, arguments.opened, arguments.resolved, arguments.kind.split(","))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        print(f"bin/bench eta: {error}", file=sys.stderr)
        return 2
    print(json.dumps(measure(cases)))
    return 0


def read_cases(file: Path, opened: str, resolved: str, kind: Sequence[str]) -> list[Case]:
    """The cases of a table; raises ValueError where a column is missing or holds no times."""
    with file.open(newline="", encoding="utf-8-sig") as table:
        reader = csv.DictReader(table)
        missing = {opened, resolved, *kind} - set(reader.fieldnames or ())
        if missing:
            raise ValueError(f"{file} has no column {', '.join(sorted(missing))}")
        rows = list(reader)
    begun = read_times([row[opened] or "" for row in rows], opened)
    ended = read_times([row[resolved] or "" for row in rows], resolved)
    kinds = [tuple((row[name] or "").strip() for name in kind) for row in rows]
    return [
        Case(begin, None if end is None else max(begin, end), of)
        for begin, end, of in zip(begun, ended, kinds, strict=True)
        if begin is not None
    ]


def read_times(column: Sequence[str], name: str) -> list[float | None]:
    """The moments of a column in seconds; None where it says nothing."""
    given = [None if text.strip().lower() in NOTHING else text.strip() for text in column]
    for form in FORMS:
        with suppress(ValueError):
            return [None if text is None else _moment(text, form) for text in given]
    raise ValueError(f"the times in the column {name} cannot be read")


def measure(cases: Iterable[Case]) -> dict[str, float | int | None]:
    """How often the stated ranges held, how wide they were, and how far the middle was from what came."""
    told = list(replay(cases))
    end = max((max(case.opened, case.ended or 0) for case, _said in told), default=0)
    known = [(case, said) for case, said in told if said]
    errors = [abs(case.ended - case.opened - said.half) for case, said in known if case.ended is not None]
    return {
        "coverage": _coverage(known, end),
        "median_width_hours": _hours([said.high - said.low for _case, said in known]),
        "median_error_hours": _hours(errors),
        "n": len(known),
        **_beside(known, end),
    }


def _beside(known: Sequence[tuple[Case, Forecast]], end: float) -> dict[str, float | int | None]:
    """The same for the last 500, and our width and coverage where there are both."""
    ranges = last_ended(case for case, _said in known)
    both = [(case, said, other) for (case, said), other in zip(known, ranges, strict=True) if other]
    return {
        "last_500_coverage": _coverage([(case, other) for case, _said, other in both], end),
        "last_500_median_width_hours": _hours([other.high - other.low for _case, _said, other in both]),
        "coverage_beside": _coverage([(case, said) for case, said, _other in both], end),
        "median_width_hours_beside": _hours([said.high - said.low for _case, said, _other in both]),
        "n_beside": len(both),
    }


def last_ended(cases: Iterable[Case]) -> Iterator[Range | None]:
    """From the tenth to the ninetieth percentile of the 500 of a kind that have ended last."""
    coming: dict[Kind, list[tuple[float, float]]] = defaultdict(list)
    ended: dict[Kind, deque[float]] = defaultdict(lambda: deque(maxlen=WINDOW))
    ordered: dict[Kind, list[float]] = defaultdict(list)
    for case in cases:
        waiting, newest, lasted = coming[case.kind], ended[case.kind], ordered[case.kind]
        while waiting and waiting[0][0] <= case.opened:
            if len(newest) == WINDOW:
                lasted.remove(newest[0])
            newest.append(heappop(waiting)[1])
            insort(lasted, newest[-1])
        yield (
            Range(*(lasted[int(share * len(lasted))] for share in (0.1, 0.9)))
            if len(lasted) >= FEWEST
            else None
        )
        if case.ended is not None:
            heappush(waiting, (case.ended, case.ended - case.opened))


def _coverage(known: Sequence[tuple[Case, Forecast | Range]], end: float) -> float | None:
    """The share that ended within their ranges; without open cases this is a plain count."""
    reached = [
        step.share for step in steps(_used(case, said, end) for case, said in known) if step.seconds <= 1
    ]
    return round(reached[-1], 4) if reached else None


def _used(case: Case, said: Forecast | Range, end: float) -> Span:
    """How much of its range a case had used when it ended; one that ended too early is outside as well."""
    lasted = (end if case.ended is None else case.ended) - case.opened
    if case.ended is not None and lasted < said.low:
        return Span(math.inf, True)
    used = lasted / said.high if said.high else math.inf if lasted else 0.0
    return Span(used, case.ended is not None)


def _hours(seconds: Sequence[float]) -> float | None:
    return round(median(seconds) / HOUR, 3) if seconds else None


def _moment(text: str, form: str) -> float:
    # Without a zone all times of a table are taken as of one clock.
    moment = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007
    return moment.timestamp() if moment.tzinfo else (moment - datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001


def _read(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/bench eta", description="Replays a table of cases in time order."
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="a CSV with one line for each case")
    parser.add_argument("--opened", required=True, metavar="COL", help="when a case began")
    parser.add_argument("--resolved", required=True, metavar="COL", help="when it ended; empty while open")
    parser.add_argument("--kind", required=True, metavar="COL[,COL…]", help="what makes cases alike")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

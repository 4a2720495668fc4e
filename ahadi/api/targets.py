"""Calls about targets: every clock of a ticket with where its time went, counted from its entries."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from ninja import Router, Schema

from ahadi.api.access import Bearer, find_ticket
from ahadi.api.door import Call
from ahadi.api.problems import wrong
from ahadi.promises import counting, rhythm
from ahadi.promises.rules import Rules
from ahadi.promises.segments import Segment
from ahadi.tickets.models import Ticket

router = Router(tags=["Targets"])
READ = Bearer("tickets:read")


class Stretch(Schema):
    """One stretch of a clock; `seconds` is the working time that went by in it."""

    start: datetime
    end: datetime | None
    state: Literal["running", "paused"]
    reason: str
    seconds: int


class Target(Schema):
    """One clock: `due` is null while it is paused, `missed` is when it was missed by the rule of then."""

    metric: Literal["first", "next", "update", "solution"]
    place: int
    policy: str
    began: datetime
    due: datetime | None
    ended: datetime | None
    missed: datetime | None
    segments: list[Stretch]


@router.get(
    "/tickets/{number}/targets", auth=READ, response=list[Target], summary="List the targets of a ticket"
)
def list_targets(request: Call, number: str) -> list[dict[str, Any]]:
    """Every target with its segments, counted while you wait."""
    ticket = find_ticket(request, number)
    rules = Rules()
    names = {policy.pk: policy.name for policy in rules.policies}
    ((_ticket, history),) = counting.histories([ticket])
    return [
        {
            "metric": span.metric,
            "place": span.place,
            "policy": names[clock.policy],
            "began": clock.began,
            "due": clock.due,
            "ended": clock.ended,
            "missed": clock.missed,
            "segments": [_stretch(segment) for segment in clock.segments],
        }
        for span, clock in counting.clocks(ticket, history, rules)
        if clock.policy
    ]


def check_rhythm(ticket: Ticket, due: datetime | None, said: datetime, place: str) -> None:
    """No program promises news later than people may; raises Problem."""
    if due is None:
        return
    try:
        rhythm.check(ticket, due, said)
    except rhythm.TooLong as error:
        sentence = (
            f"The customer would wait too long without news: promise some by {error.latest.isoformat()}."
        )
        raise wrong(place, "beyond_rhythm", sentence) from error


def _stretch(segment: Segment) -> dict[str, Any]:
    return {
        "start": segment.start,
        "end": segment.end,
        "state": "running" if segment.is_running else "paused",
        "reason": segment.reason,
        "seconds": segment.seconds,
    }

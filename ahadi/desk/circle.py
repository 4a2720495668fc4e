"""Who takes part in a ticket beside its requester, and who was copied in and waits for a word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ahadi.channels import participants
from ahadi.channels.models import Participant
from ahadi.lib.question import Question
from ahadi.tickets.models import Ticket


class Person(NamedTuple):
    """Somebody who takes part."""

    pk: int
    name: str
    shown: str
    proven: Any


class Circle(NamedTuple):
    """Those who take part, and the addresses that were copied in."""

    people: list[Person]
    proposed: list[str]


def of(ticket: Ticket, own: Iterable[str], messages: Sequence[Mapping[str, Any]]) -> Circle:
    """Everybody around a ticket in one query; `own` are the requester's addresses."""
    rows = _PEOPLE.rows(ticket.pk) if getattr(ticket, "has_circle", True) else []
    people = [Person(*row[:4]) for row in rows if row[5] is None]
    decided = [*own, *(row[4] for row in rows)]
    return Circle(people, participants.proposed(decided, messages))


_PEOPLE = Question(
    lambda ticket: (
        Participant.objects.filter(ticket=ticket)
        .order_by("pk")
        .values_list(
            "pk", "address__customer__name", "address__shown", "address__proven", "address__value", "removed"
        )
    )
)

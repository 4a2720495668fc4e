"""How a customer is reached, and where mail does not get through."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from ahadi.channels.models import Absence, Suppression
from ahadi.lib import clock
from ahadi.lib.question import Question
from ahadi.people.models import Address, Customer


class Reach(NamedTuple):
    """One address of a customer."""

    kind: str
    shown: str
    proven: datetime | None
    pk: int
    value: str
    # Why no automatic mail goes there, and until when.
    reason: str | None
    until: datetime | None
    back: date | None

    @property
    def trouble(self) -> str:
        """What keeps machines from writing there, in words; empty where nothing does."""
        if not self.reason or self.until is None or self.until <= clock.now():
            return ""
        return str(Suppression.Reason(self.reason).label)

    @property
    def is_away(self) -> bool:
        """Its owner's mail program said that they are back later than today."""
        return self.back is not None and self.back > clock.now().date()


def addresses(customer: Customer) -> list[Reach]:
    """Every address of a person, in one query."""
    person = customer.person_id
    rows = _OF_ONE.rows(customer.pk) if person is None else _OF_MERGED.rows(person)
    return [Reach(*row) for row in rows]


def _addresses(asked: QuerySet[Address]) -> QuerySet[Any, Any]:
    standing = Suppression.objects.filter(address=OuterRef("pk"), lifted=None)
    absence = Absence.objects.filter(address=OuterRef("pk"), ended=None)
    return asked.annotate(
        reason=Subquery(standing.values("reason")[:1]),
        until=Subquery(standing.values("until")[:1]),
        back=Subquery(absence.values("back")[:1]),
    ).values_list("kind", "shown", "proven", "pk", "value", "reason", "until", "back")


_OF_ONE = Question(lambda customer: _addresses(Address.objects.filter(customer=customer)))
_OF_MERGED = Question(lambda person: _addresses(Address.objects.filter(customer__person=person)))

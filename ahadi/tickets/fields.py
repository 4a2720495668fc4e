"""What a company wants to know about its tickets beside their words: fields of its own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q, QuerySet

from ahadi.lib.folding import fold
from ahadi.tickets.models import Entry, Field, FieldValue, Ticket

if TYPE_CHECKING:
    from ahadi.people.models import Agent

LONGEST = 500


class Wrong(ValueError):
    """This is no value of the field; the code says why: text, number, date, or choice."""

    @property
    def code(self) -> str:
        return str(self.args[0])


def of(ticket: Ticket) -> QuerySet[Field]:
    """The fields of a ticket: those for all, and those of its team."""
    return Field.objects.filter(Q(team=None) | Q(team=ticket.team_id), is_active=True)


def values(ticket: Ticket) -> dict[str, str]:
    """What is known, by the code of the field."""
    return dict(FieldValue.objects.filter(ticket=ticket).values_list("field__code", "value"))


@transaction.atomic(savepoint=False)
def fill(ticket: Ticket, field: Field, typed: str, *, by: Agent) -> Entry | None:
    """Write down what is known; None where it was known already. An empty word forgets it."""
    value = read(field, typed)
    ticket.lock()
    known = FieldValue.objects.filter(ticket=ticket, field=field).first()
    was = known.value if known else ""
    if value == was:
        return None
    if not value:
        FieldValue.objects.filter(ticket=ticket, field=field).delete()
    else:
        given = {"value": value, "folded": fold(value)[:LONGEST]}
        FieldValue.objects.update_or_create(ticket=ticket, field=field, defaults=given)
    data = {"field": field.code, "name": field.name, "was": was, "value": value, "kind": field.kind}
    return ticket.change("field", data, by)


def read(field: Field, typed: str) -> str:
    """What was typed as it is kept; raises Wrong."""
    text = " ".join(typed.split())
    if not text:
        return ""
    if len(text) > LONGEST:
        raise Wrong("text")
    if field.kind == Field.Kind.NUMBER:
        return _number(text)
    if field.kind == Field.Kind.DATE:
        return _day(text)
    if field.kind == Field.Kind.CHOICE and text not in field.choices:
        raise Wrong("choice")
    return text


def missing(ticket: Ticket) -> list[Field]:
    """The fields that must be filled before a ticket is solved and are not."""
    needed = of(ticket).filter(is_required=True)
    return list(needed.exclude(values__ticket=ticket))


def _number(text: str) -> str:
    # Persian and Arabic digits, and their signs for decimals and thousands.
    plain = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text)
    plain = plain.replace("\u066b", ".").replace("\u066c", "").replace("\u2212", "-").replace(" ", "")
    if "," in plain and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        number = Decimal(plain.replace(",", ""))
    except InvalidOperation as error:
        raise Wrong("number") from error
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        raise Wrong("number")
    return f"{number.normalize():f}"


def _day(text: str) -> str:
    plain = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text)
    try:
        return date.fromisoformat(plain).isoformat()
    except ValueError as error:
        raise Wrong("date") from error

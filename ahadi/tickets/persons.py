"""That two customers are one person, said from a ticket, whose history keeps who said so and when."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction

from ahadi.ledger.audit import Fault
from ahadi.people import merging
from ahadi.people.models import Agent, Customer
from ahadi.tickets.models import Entry, Ticket

MERGED, UNMERGED = "person_merged", "person_unmerged"


@transaction.atomic
def merge(ticket: Ticket, other: Customer, *, by: Agent) -> Entry:
    """See another customer as the person who asked this ticket; raises merging.NotPossible."""
    ticket.lock()
    merged = merging.merge(other, into=ticket.requester)
    return ticket.change(MERGED, _told(merged), by)


@transaction.atomic
def unmerge(ticket: Ticket, other: Customer, *, by: Agent) -> Entry | None:
    """Two people after all; None where they were that already."""
    ticket.lock()
    return ticket.change(UNMERGED, _told(other), by) if merging.unmerge(other) else None


def _told(customer: Customer) -> dict[str, str | int]:
    return {"customer": customer.pk, "name": str(customer)}


def audit() -> Iterator[Fault]:
    """Who is seen as whom, compared with what the histories say, and with itself."""
    into, stands = _links("merged_into"), _links("person")
    rows = Entry.objects.filter(code__in=(MERGED, UNMERGED)).order_by("pk")
    said: dict[int | None, str] = {}
    for code, data in rows.values_list("code", "words__data"):
        # Nothing where the words were erased: then nobody can say any more who was merged.
        said[(data or {}).get("customer")] = code
    for key in sorted({*into, *stands, *into.values(), *stands.values()}):
        root = _top(key, into)
        is_known = said.get(key) == MERGED or (key not in said and None in said)
        if root is None or stands.get(key) != root:
            yield Fault("person_link", f"customer {key}", f"Customer {key} stands for the wrong person.")
        elif key in into and not is_known:
            sentence = f"Customer {key} is merged into {into[key]}, and no entry says by whom."
            yield Fault("person_link", f"customer {key}", sentence)
    for merged in sorted(key for key, code in said.items() if key and code == MERGED and key not in into):
        sentence = f"Customer {merged} was taken out of a person, and no entry says by whom."
        yield Fault("person_link", f"customer {merged}", sentence)


def _links(name: str) -> dict[int, int]:
    rows = Customer.objects.exclude(**{name: None}).values_list("pk", name)
    return {key: other for key, other in rows if other is not None}


def _top(key: int, into: dict[int, int]) -> int | None:
    """The record at the end of the chain; None where the chain has no end."""
    seen = set()
    while key in into and key not in seen:
        seen.add(key)
        key = into[key]
    return None if key in seen else key

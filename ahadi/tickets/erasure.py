"""To be forgotten: what is known of a person is destroyed, and every proof of everybody else stays valid.

`settings.ERASURE` says for each table what becomes of its rows. The ledger keeps its leaves: without salt and
event they say nothing (rule T-20). A tombstone on each ticket counts what was destroyed and names nobody
(rule T-21). Copies in free pages, logs of the database and the search index are destroyed right after, by
a job (`ahadi.tickets.sweeping`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from ahadi import outbox
from ahadi.ledger.models import Leaf, Opening
from ahadi.lib import clock
from ahadi.lib.protection import lifted
from ahadi.people.models import Address, Agent, Customer
from ahadi.tickets import erased, search
from ahadi.tickets.models import Attachment, Entry, Erasure, Hold, Ticket, Words

TOMBSTONE = erased.MARK
DESTROY, KEEP = "*", ""
# What data may keep: moments, and words of ours that name nobody.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?")
_OURS = {
    *Ticket.Status.values,
    *Ticket.Step.values,
    *(code for code, _name in settings.LANGUAGES),
}


class Held(Exception):
    """A hold in law stands: nothing may be destroyed."""


@dataclass(frozen=True)
class Matter:
    """Everything that is to be forgotten, as questions that can be asked again."""

    tickets: QuerySet[Ticket]
    entries: QuerySet[Entry]
    customers: QuerySet[Customer]
    addresses: QuerySet[Address]

    @classmethod
    def of(cls, customer: Customer) -> Matter:
        """A person: their requests with all in them, and what they said in requests of others."""
        said = Entry.objects.filter(Q(ticket__requester=customer) | Q(customer=customer))
        return cls(
            Ticket.objects.filter(requester=customer),
            said.exclude(code=TOMBSTONE),
            Customer.objects.filter(pk=customer.pk),
            Address.objects.filter(customer=customer),
        )

    @classmethod
    def of_tickets(cls, tickets: QuerySet[Ticket]) -> Matter:
        """Requests with all in them; the people stay known."""
        return cls(
            tickets,
            Entry.objects.filter(ticket__in=tickets).exclude(code=TOMBSTONE),
            Customer.objects.none(),
            Address.objects.none(),
        )

    def rows(self, model: type[models.Model]) -> QuerySet[Any]:
        """The rows of a table that belong to it."""
        inside: dict[type[models.Model], QuerySet[Any]] = {
            Ticket: self.tickets,
            Entry: self.entries,
            Leaf: Leaf.objects.filter(entry__in=self.entries),
            Customer: self.customers,
            Address: self.addresses,
        }
        if model in inside:
            return inside[model]
        found = Q(pk__in=[])
        for field in model._meta.concrete_fields:
            target = field.related_model if field.remote_field else None
            if isinstance(target, type) and target in inside:
                found |= Q(**{f"{field.name}__in": inside[target].values("pk")})
        return model._base_manager.filter(found)


@dataclass(frozen=True)
class Part:
    """Something beside the tables: its label, how many there are, how to destroy them, and its files."""

    label: str
    count: int
    destroy: Callable[[], object]
    files: Sequence[str] = ()


def preview(matter: Matter) -> dict[str, int]:
    """How many rows of each table would go, and what else."""
    counts = {
        label: matter.rows(model).count()
        for label, model, columns in _tables()
        if columns != KEEP and model is not Ticket
    }
    counts |= {part.label: part.count for part in _parts(matter)}
    return {label: count for label, count in counts.items() if count}


def holds_on(matter: Matter) -> QuerySet[Hold]:
    """The holds that forbid it."""
    asked = Q(customer__in=matter.customers) | Q(customer__tickets__in=matter.tickets)
    return Hold.objects.filter(asked, lifted=None).distinct()


@transaction.atomic
def confirm(erasure: Erasure, by: Agent) -> dict[str, int]:
    """The second person says yes: everything is destroyed now; raises Held, or ValueError."""
    if erasure.asked_by_id == by.pk:
        raise ValueError("Whoever asked for an erasure does not confirm it.")
    claimed = Erasure.objects.filter(pk=erasure.pk, confirmed=None, withdrawn=None)
    if not claimed.update(confirmed=clock.now(), confirmed_by=by):
        return {}
    counts = erase(Matter.of(erasure.customer), erasure.reason, by, erasure=erasure.pk)
    Erasure.objects.filter(pk=erasure.pk).update(counts=counts)
    return counts


@transaction.atomic
def erase(matter: Matter, reason: str, by: Agent | None, *, erasure: int | None = None) -> dict[str, int]:
    """Destroy what the matter holds and leave tombstones; returns how much of what."""
    objections: list[Callable[[Matter], bool]] = list(map(import_string, settings.ERASURE_OBJECTIONS))
    if holds_on(matter).exists() or any(objects(matter) for objects in objections):
        raise Held("A hold in law forbids to destroy this.")
    # Whoever writes to one of these tickets is waited for, and then waits.
    list(matter.tickets.select_for_update().order_by("pk").values_list("pk"))
    counts = preview(matter)
    stones = _stones(matter)
    parts = list(_parts(matter))
    files = sorted({*_files(matter), *(name for part in parts for name in part.files)})
    for part in parts:
        part.destroy()
    search.forget(list(matter.entries.values_list("pk", flat=True)))
    with lifted(Words._meta.db_table, Attachment._meta.db_table, Opening._meta.db_table):
        for _label, model, columns in _tables():
            if model not in (Ticket, Customer, Address) and columns != KEEP:
                _clear(matter.rows(model), columns, reason)
    own = set(matter.tickets.values_list("pk", flat=True))
    _forget_people(matter)
    for pk, seqs in stones.items():
        _bury(Ticket.objects.get(pk=pk), reason, by, seqs, is_own=pk in own)
    outbox.put("tickets.sweep", {"files": files, "erasure": erasure})
    return counts


def stones_of(tickets: Sequence[int] | None = None) -> dict[int, set[int]]:
    """For each ticket the numbers of the entries that its tombstones name."""
    found: dict[int, set[int]] = defaultdict(set)
    stones = Words.objects.filter(entry__code=TOMBSTONE, entry__kind=Entry.Kind.EVENT)
    if tickets is not None:
        stones = stones.filter(entry__ticket__in=tickets)
    for ticket, data in stones.values_list("entry__ticket_id", "data").iterator():
        found[ticket] |= set(data.get("seqs", ()))
    return found


def _tables() -> Iterator[tuple[str, type[models.Model], str]]:
    for label, columns in settings.ERASURE.items():
        yield label, apps.get_model(label), columns


def _parts(matter: Matter) -> Iterator[Part]:
    for path in settings.ERASERS:
        yield from import_string(path)(matter)


def _stones(matter: Matter) -> dict[int, list[int]]:
    stones: dict[int, list[int]] = defaultdict(list)
    for ticket, seq in matter.entries.order_by("ticket_id", "seq").values_list("ticket_id", "seq"):
        stones[ticket].append(seq)
    return stones


def _files(matter: Matter) -> Iterator[str]:
    for model, column in file_columns():
        for named in matter.rows(model).values_list(column, flat=True):
            yield from names_in(named)


def file_columns() -> Iterator[tuple[type[models.Model], str]]:
    """Every column that names stored files."""
    for place in settings.FILES:
        label, _dot, column = place.rpartition(".")
        yield apps.get_model(label), column


def names_in(named: Any) -> list[str]:
    """The files that one value of such a column names: one, or a list of descriptions."""
    if isinstance(named, list):
        return [str(file["sha256"]) for file in named]
    return [named] if named else []


def _clear(rows: QuerySet[Any], columns: str, reason: str) -> None:
    if columns == DESTROY:
        rows._raw_delete(rows.db)
    elif rows.model is Words:
        _empty_words(rows, reason)
    else:
        rows.update(**{name: _nothing(rows.model, name) for name in columns.split()})


def _empty_words(rows: QuerySet[Words], reason: str) -> None:
    for pk, data in list(rows.values_list("pk", "data")):
        kept = {**_without_words(data), TOMBSTONE: erased.mark(reason)}
        Words.objects.filter(pk=pk).update(text="", new_text="", html="", data=kept)


def _without_words(value: Any) -> Any:
    """Data of the same form that names nobody: what reads it later still finds its keys."""
    if isinstance(value, dict):
        return {name: _without_words(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_without_words(part) for part in value]
    if isinstance(value, str):
        return value if value in _OURS or _MOMENT.fullmatch(value) else ""
    return value


def _nothing(model: type[models.Model], name: str) -> Any:
    field = model._meta.get_field(name)
    if getattr(field, "null", False):
        return None
    if isinstance(field, models.JSONField):
        return field.get_default() or {}
    # An own step without words is refused by the database.
    return "—" if name == "step_text" else ""


def _forget_people(matter: Matter) -> None:
    columns = settings.ERASURE["people.Customer"]
    matter.customers.update(**{name: _nothing(Customer, name) for name in columns.split()})
    for pk in list(matter.addresses.values_list("pk", flat=True)):
        # Nobody's address, and no mail goes to names below .invalid (RFC 2606).
        value = f"erased-{pk}@erased.invalid"
        Address.objects.filter(pk=pk).update(kind=Address.Kind.EMAIL, value=value, shown="", proven=None)


def _bury(ticket: Ticket, reason: str, by: Agent | None, seqs: list[int], *, is_own: bool) -> None:
    data = {"reason": reason, "count": len(seqs), "seqs": seqs}
    changes: dict[str, Any] = {}
    if is_own:
        changes = {
            "subject": "",
            "step_text": "",
            "snoozed_until": None,
            "status": Ticket.Status.SOLVED,
            "due": None,
        }
        changes |= {"step_code": Ticket.Step.NEWS, "waiting_since": None, "address": None}
        changes["solved"] = ticket.solved or clock.now()
    ticket.change(TOMBSTONE, data, by, **changes)

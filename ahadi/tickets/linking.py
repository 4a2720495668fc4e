"""Tickets that have to do with each other: related, parts of one cause, or split from one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.db.models import Q

from ahadi.lib import store
from ahadi.tickets.models import Entry, Link, Ticket
from ahadi.tickets.said import File, Kind, Said

if TYPE_CHECKING:
    from ahadi.people.models import Agent

MOST = 100


class NotPossible(ValueError):
    """These two cannot be linked so; the code says why: itself, circle, parent, full, several, nothing."""

    @property
    def code(self) -> str:
        return str(self.args[0])


class Linked(NamedTuple):
    """A ticket at the other end of a link, and its role: related, parent, child, from, or into."""

    pk: int
    role: str
    ticket: Ticket


@transaction.atomic
def link(ticket: Ticket, other: Ticket, kind: str, *, by: Agent) -> Link:
    """Tie two tickets; a link of another kind between them is replaced."""
    if ticket.pk == other.pk:
        raise NotPossible("itself")
    for each in sorted((ticket, other), key=lambda each: each.pk):
        each.lock()
    if kind == Link.Kind.CHILD:
        _check_parent(ticket, other)
    both = Link.objects.filter(Q(ticket=ticket, other=other) | Q(ticket=other, other=ticket))
    found = both.first()
    if found is not None and (found.kind, found.ticket_id) == (kind, ticket.pk):
        return found
    both.delete()
    if Link.objects.filter(ticket=ticket).count() >= MOST:
        raise NotPossible("full")
    ticket.change("linked", {"kind": kind, "number": other.number}, by)
    back = {"child": "parent", "split": "into"}.get(kind, kind)
    other.change("linked", {"kind": back, "number": ticket.number}, by)
    return Link.objects.create(ticket=ticket, other=other, kind=kind, made_by=by)


@transaction.atomic(savepoint=False)
def unlink(made: Link, *, by: Agent) -> None:
    """Untie two tickets."""
    for each in sorted((made.ticket, made.other), key=lambda each: each.pk):
        each.lock()
    if Link.objects.filter(pk=made.pk).delete()[0]:
        made.ticket.change("unlinked", {"number": made.other.number}, by)
        made.other.change("unlinked", {"number": made.ticket.number}, by)


def links_of(ticket: Ticket, agent: Agent) -> list[Linked]:
    """What a ticket is tied to, as far as this agent may see it; parents first, then children."""
    seen = Ticket.objects.visible_to(agent)
    tied = Link.objects.filter(
        (Q(ticket=ticket) & seen.named_by("other")) | (Q(other=ticket) & seen.named_by("ticket"))
    )
    rows = tied.select_related("ticket", "other").order_by("kind", "pk")[: MOST * 2]
    found = [_role(row, ticket) for row in rows]
    return sorted(found, key=lambda each: each.role != "parent")


def children(ticket: Ticket, agent: Agent) -> list[Ticket]:
    """The open parts of one cause that this agent may see."""
    seen = Ticket.objects.visible_to(agent).open()
    return list(seen.filter(links__other=ticket, links__kind=Link.Kind.CHILD).order_by("due", "pk")[:MOST])


@transaction.atomic
def split(ticket: Ticket, seqs: Sequence[int], subject: str, *, by: Agent) -> Ticket:
    """A new ticket of words that were said in this one: they stay where they were said."""
    ticket.lock()
    said = ticket.entries.filter(seq__in=seqs, kind=Kind.MESSAGE).select_related(
        "words", "customer", "address"
    )
    chosen = list(said.order_by("seq"))
    if not chosen:
        raise NotPossible("nothing")
    first = chosen[0]
    if any(entry.customer_id != first.customer_id for entry in chosen):
        # One would read what another said.
        raise NotPossible("several")
    text = "\n\n".join(entry.words.shown_text for entry in chosen)
    data = {"split_from": ticket.number, "entries": [entry.seq for entry in chosen]}
    said_again = Said(
        kind=Kind.MESSAGE,
        code="split",
        text=text,
        by=first.customer,
        address=first.address,
        channel=first.channel,
        language=ticket.language,
        data={**data, "no_acknowledgement": True},
        files=[file for entry in chosen for file in _files(entry)],
    )
    entry = Ticket.begin(
        said_again,
        subject=subject or ticket.subject,
        requester=first.customer or ticket.requester,
        address=first.address or ticket.address,
        language=ticket.language,
        team=ticket.team,
    )
    link(entry.ticket, ticket, Link.Kind.SPLIT, by=by)
    return entry.ticket


def _files(entry: Entry) -> list[File]:
    return [
        File(file.name, file.content_type, store.read(file.sha256), file.content_id, file.is_inline)
        for file in entry.attachments.order_by("pk")
    ]


def _check_parent(ticket: Ticket, parent: Ticket) -> None:
    up = set(Link.objects.filter(kind=Link.Kind.CHILD, ticket=parent).values_list("other_id", flat=True))
    if up:
        # One level: a part of a part would hide who is to be told at the end.
        raise NotPossible("circle" if ticket.pk in up else "parent")
    if Link.objects.filter(kind=Link.Kind.CHILD, other=ticket).exists():
        raise NotPossible("parent")
    old = Link.objects.filter(kind=Link.Kind.CHILD, ticket=ticket).exclude(other=parent)
    if old.exists():
        raise NotPossible("parent")


def _role(row: Link, ticket: Ticket) -> Linked:
    is_mine = row.ticket_id == ticket.pk
    role = {
        Link.Kind.CHILD: "parent" if is_mine else "child",
        Link.Kind.SPLIT: "from" if is_mine else "into",
    }.get(Link.Kind(row.kind), "related")
    return Linked(row.pk, role, row.other if is_mine else row.ticket)

"""How the matter looks to a program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.html import linebreaks

from ahadi.api import ids
from ahadi.api.asked import PRIORITIES
from ahadi.automation.models import SavedReply
from ahadi.channels.models import Delivery, Inbox, RawMessage
from ahadi.lib import html
from ahadi.lib.question import Question
from ahadi.people.models import Address, Agent, Customer, Team
from ahadi.tickets.models import Attachment, Entry, FieldValue, Statement, Ticket

Shown = dict[str, Any]

_FILES = Question(lambda entry: Attachment.objects.filter(entry=entry))
_DELIVERIES = Question(lambda entry: Delivery.objects.filter(entry=entry).order_by("pk"))
_PRIORITY = {value: name for name, value in PRIORITIES.items()}


def with_everything(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Tickets with all that `ticket` shows, in as many queries for a hundred as for one."""
    joined = tickets.select_related("requester", "address", "assignee", "team", "statement", "merged_into")
    values = Prefetch("values", FieldValue.objects.select_related("field"))
    return joined.prefetch_related("tags", "requester__addresses", values)


def with_words(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """Entries with all that `entry` shows, in as many queries for a hundred as for one."""
    deliveries = Prefetch("deliveries", Delivery.objects.order_by("pk"))
    joined = entries.select_related("agent", "customer", "words")
    return joined.prefetch_related("attachments", "customer__addresses", deliveries)


def ticket(row: Ticket) -> Shown:
    """A ticket in its newest state."""
    known = {value.field.code: value.value for value in row.values.all()}
    return newest(row, getattr(row, "statement", None), [tag.name for tag in row.tags.all()], known)


def newest(
    row: Ticket,
    statement: Statement | None,
    tags: Iterable[str],
    fields: Mapping[str, str] = MappingProxyType({}),
) -> Shown:
    """The same where statement, tags and fields are known."""
    parts = ("situation", "problem", "wish", "tried")
    return {
        "number": row.number,
        "subject": row.subject,
        "status": row.status,
        "channel": row.channel,
        "language": row.language,
        "requester": _requester(row.requester, row.address),
        "assignee": _person(row.assignee) if row.assignee else None,
        "team": team(row.team),
        "next_step": _next_step(row),
        "statement": {part: getattr(statement, part) for part in parts} if statement else None,
        "opened": row.opened,
        "updated": row.updated,
        "tags": sorted(tags),
        "priority": _PRIORITY[row.priority],
        "entries_count": row.last_seq,
        "merged_into": row.merged_into.number if row.merged_into else None,
        "snoozed_until": row.snoozed_until,
        "fields": dict(fields),
    }


def entry(row: Entry) -> Shown:
    """One line of a history."""
    return _entry(row, row.attachments.all(), row.deliveries.all())


def appended(row: Entry, has_files: bool) -> Shown:
    """The line that was just added: every client waits for it, so nothing is built to ask for the rest."""
    return _entry(row, _FILES.objects(row.pk) if has_files else [], _DELIVERIES.objects(row.pk))


def _entry(row: Entry, files: Iterable[Attachment], deliveries: Iterable[Delivery]) -> Shown:
    words = row.words
    return {
        "seq": row.seq,
        "kind": row.kind,
        "code": row.code or None,
        "author": _author(row),
        "automatic": row.automatic,
        "channel": row.channel or None,
        "language": row.language or None,
        "body_text": words.text,
        "body_html": html.clean(words.html) if words.html else linebreaks(words.text, autoescape=True),
        "body_new_text": words.shown_text,
        "data": words.data,
        "attachments": [_attachment(file) for file in files],
        "at": row.at,
        "delivery": _delivery(next(iter(deliveries), None)),
    }


def event(row: Entry) -> Shown:
    """An entry in the feed over all tickets."""
    return {**entry(row), "seq": row.pk, "ticket": row.ticket.number, "entry_seq": row.seq}


def team(row: Team) -> Shown:
    """A team."""
    return {"id": ids.show("team", row.pk), "name": row.name}


def customer(row: Customer) -> Shown:
    """A customer with every address."""
    return {
        "id": ids.show("customer", row.pk),
        "name": row.name,
        "language": row.language or None,
        "organization": row.organization.name if row.organization else None,
        "addresses": [
            {"kind": address.kind, "value": address.value, "proven": address.proven is not None}
            for address in row.addresses.all()
        ],
        "created": row.created,
    }


def agent(row: Agent) -> Shown:
    """An agent with every team."""
    return {
        **_person(row),
        "role": row.role,
        "languages": row.languages,
        "teams": [team(each) for each in row.teams.all()],
        "is_active": row.is_active,
    }


def inbox(row: Inbox) -> Shown:
    """An address of ours."""
    return {
        "id": ids.show("inbox", row.pk),
        "name": row.name,
        "address": row.address,
        "team": team(row.team),
        "language": row.language or None,
        "is_active": row.is_active,
    }


def saved_reply(row: SavedReply) -> Shown:
    """Prepared words in every language they have."""
    return {
        "id": ids.show("saved_reply", row.pk),
        "name": row.name,
        "folder": row.folder,
        "team": team(row.team) if row.team else None,
        "texts": {text.language: text.text for text in row.texts.all()},
    }


def raw(row: RawMessage) -> Shown:
    """A message as it came in."""
    return {
        "id": ids.show("raw", row.pk),
        "sha256": row.sha256,
        "inbox": row.inbox.address if row.inbox else None,
        "received": row.received,
        "size": row.size,
        "outcome": row.outcome or None,
        "ticket": row.entry.ticket.number if row.entry else None,
        "entry_seq": row.entry.seq if row.entry else None,
        "reason": row.reason or None,
    }


def _requester(row: Customer, address: Address | None) -> Shown:
    if address is None or address.kind != Address.Kind.EMAIL:
        address = next((each for each in row.addresses.all() if each.kind == Address.Kind.EMAIL), None)
    return {
        "id": ids.show("customer", row.pk),
        "name": row.name,
        "email": address.shown if address else None,
        "language": row.language or None,
    }


def _person(row: Agent) -> Shown:
    return {"id": ids.show("agent", row.pk), "name": row.name, "email": row.email}


def _next_step(row: Ticket) -> Shown | None:
    if row.is_solved:
        return None
    owner = {"kind": "team", **team(row.team)}
    if row.assignee:
        owner = {"kind": "agent", "id": ids.show("agent", row.assignee.pk), "name": row.assignee.name}
    text = row.step_text or str(Ticket.Step(row.step_code).label)
    return {"code": row.step_code, "text": text, "owner": owner, "due": row.due}


def _author(row: Entry) -> Shown:
    if row.agent:
        return {"kind": "agent", "id": ids.show("agent", row.agent.pk), "name": row.agent.name}
    if row.customer:
        known = row.customer.name or next((each.shown for each in row.customer.addresses.all()), "")
        return {"kind": "customer", "id": ids.show("customer", row.customer.pk), "name": known}
    return {"kind": "system", "id": None, "name": "Ahadi"}


def _attachment(row: Attachment) -> Shown:
    key = ids.show("attachment", row.pk)
    return {
        "id": key,
        "name": row.name,
        "content_type": row.content_type,
        "size": row.size,
        "sha256": row.sha256,
        "url": reverse("api-v1:read_attachment", args=[key]),
    }


def _delivery(delivery: Delivery | None) -> Shown | None:
    if delivery is None:
        return None
    return {"state": delivery.state, "sent": delivery.sent, "error": delivery.last_error or None}

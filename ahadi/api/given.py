"""What a program is given: the shapes of every answer, for the description and for checking."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from ninja import Schema
from pydantic import Field

from ahadi.api.asked import Priority, Status

Item = TypeVar("Item")


class Page(Schema, Generic[Item]):
    """One page of a list; `next` is the address of the one after it."""

    data: list[Item]
    next: str | None


class Requester(Schema):
    """Who asked."""

    id: str
    name: str
    email: str | None
    language: str | None


class Person(Schema):
    """An agent."""

    id: str
    name: str
    email: str


class Team(Schema):
    """People who answer together."""

    id: str
    name: str


class Owner(Schema):
    """Who owes the next step: a person, or a team where nobody took it yet."""

    kind: Literal["agent", "team"]
    id: str
    name: str


class NextStep(Schema):
    """What happens next, who sees to it, and when at the latest."""

    code: str
    text: str
    owner: Owner
    due: datetime


class Statement(Schema):
    """What the customer said in parts."""

    situation: str
    problem: str
    wish: str
    tried: str


class Ticket(Schema):
    """A request in its newest state."""

    number: str = Field(examples=["K7QF-9T2M-XR4D"])
    subject: str
    status: Status
    channel: str
    language: str
    requester: Requester
    assignee: Person | None
    team: Team
    next_step: NextStep | None
    statement: Statement | None
    opened: datetime
    updated: datetime
    tags: list[str]
    priority: Priority
    entries_count: int
    merged_into: str | None
    snoozed_until: datetime | None
    fields: dict[str, str]


class Author(Schema):
    """Who said it."""

    kind: Literal["customer", "agent", "system"]
    id: str | None
    name: str


class Attachment(Schema):
    """A file of an entry; `url` gives its bytes."""

    id: str
    name: str
    content_type: str
    size: int
    sha256: str
    url: str


class Delivery(Schema):
    """Where an answer is on its way; `sent` only after the other side said so."""

    state: str
    sent: datetime | None
    error: str | None


class Entry(Schema):
    """One line of the history."""

    seq: int
    kind: Literal["message", "reply", "note", "event"]
    code: str | None
    author: Author
    automatic: bool
    channel: str | None
    language: str | None
    body_text: str
    body_html: str
    body_new_text: str
    data: dict[str, Any]
    attachments: list[Attachment]
    at: datetime
    delivery: Delivery | None


class Event(Entry):
    """An entry in the feed: `seq` counts over all tickets, `entry_seq` within its ticket."""

    ticket: str
    entry_seq: int


class Address(Schema):
    """Where a person is reached; not proven means only claimed."""

    kind: str
    value: str
    proven: bool


class Customer(Schema):
    """Somebody who asks."""

    id: str
    name: str
    language: str | None
    organization: str | None
    addresses: list[Address]
    created: datetime


class Agent(Schema):
    """Somebody who answers."""

    id: str
    name: str
    email: str
    role: str
    languages: list[str]
    teams: list[Team]
    is_active: bool


class Inbox(Schema):
    """An address of ours."""

    id: str
    name: str
    address: str
    team: Team
    language: str | None
    is_active: bool


class SavedReply(Schema):
    """Words prepared for answers, by language; their placeholders are filled in at the desk."""

    id: str
    name: str
    folder: str
    team: Team | None
    texts: dict[str, str] = Field(examples=[{"en": "Hello {{ customer.first_name | there }}, …"}])


class Raw(Schema):
    """A message exactly as it came in, and what became of it; the outcome is null while it is being read."""

    id: str
    sha256: str
    inbox: str | None
    received: datetime
    size: int
    outcome: Literal["ticket", "entry", "quarantine"] | None
    ticket: str | None
    entry_seq: int | None
    reason: str | None

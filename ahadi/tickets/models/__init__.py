"""Tickets, their history, and the one door through which they change."""

from ahadi.tickets.models.batch import Batch, BatchChange
from ahadi.tickets.models.entry import Attachment, Entry, Words
from ahadi.tickets.models.erasure import Erasure, Hold, Retention
from ahadi.tickets.models.field import Field, FieldValue
from ahadi.tickets.models.follower import Follower, Mention
from ahadi.tickets.models.link import Link
from ahadi.tickets.models.statement import Statement
from ahadi.tickets.models.tag import Tag
from ahadi.tickets.models.ticket import Ticket, reactions
from ahadi.tickets.models.work import Effort, Reading, Task

__all__ = [
    "Attachment",
    "Batch",
    "BatchChange",
    "Effort",
    "Entry",
    "Erasure",
    "Field",
    "FieldValue",
    "Follower",
    "Hold",
    "Link",
    "Mention",
    "Reading",
    "Retention",
    "Statement",
    "Tag",
    "Task",
    "Ticket",
    "Words",
    "reactions",
]

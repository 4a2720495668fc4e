"""Tickets, their history, and the one door through which they change."""

from ahadi.tickets.models.entry import Attachment, Entry, Words
from ahadi.tickets.models.ticket import Statement, Tag, Ticket, reactions

__all__ = ["Attachment", "Entry", "Statement", "Tag", "Ticket", "Words", "reactions"]

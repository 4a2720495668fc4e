from __future__ import annotations

from typing import ClassVar

from django.db import models

from ahadi.lib import clock
from ahadi.people.models import Agent
from ahadi.tickets.models.entry import Entry
from ahadi.tickets.models.ticket import Ticket


class Follower(models.Model):
    """An agent who wants to hear what happens to a ticket; following gives no sight of it."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="followers", db_index=False)
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="following")
    since = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["ticket", "agent"], name="follower_once")]

    def __str__(self) -> str:
        return f"{self.agent} follows {self.ticket}"


class Mention(models.Model):
    """An agent who was called by name in a note; open until they have read it."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="mentions", db_index=False)
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="mentions")
    seen = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["entry", "agent"], name="mention_once")]

    def __str__(self) -> str:
        return f"{self.agent} in {self.entry}"

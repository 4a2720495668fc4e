from __future__ import annotations

from typing import ClassVar

from django.db import models

from ahadi.lib import clock
from ahadi.people.models import Agent
from ahadi.tickets.models import Ticket


class Picture(models.Model):
    """A picture that an agent pasted between words that are not sent yet; the words name it."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="pictures")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="pictures")
    name = models.CharField(max_length=40)
    content_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    pasted = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ticket", "agent", "name"], name="one_picture_of_a_name")
        ]

    def __str__(self) -> str:
        return self.name

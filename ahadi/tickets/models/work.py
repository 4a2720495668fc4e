from __future__ import annotations

from typing import ClassVar

from django.db import models

from ahadi.lib import clock
from ahadi.people.models import Agent
from ahadi.tickets.models.ticket import Ticket


class Task(models.Model):
    """One line of the checklist in a ticket."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="tasks")
    text = models.CharField(max_length=250)
    done = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    made = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    removed = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.text


class Effort(models.Model):
    """Minutes that somebody worked on a ticket."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="efforts")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="efforts")
    minutes = models.PositiveIntegerField()
    at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.agent} {self.minutes} min"


class Reading(models.Model):
    """Who opened a ticket on which day; for leads, so that reading without need is seen."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="readings", db_index=False)
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="readings")
    day = models.DateField()
    first = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ticket", "agent", "day"], name="reading_once")
        ]

    def __str__(self) -> str:
        return f"{self.agent} read {self.ticket} on {self.day}"

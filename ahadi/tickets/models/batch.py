from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy

from ahadi.lib import clock
from ahadi.people.models import Agent
from ahadi.tickets.models.ticket import Ticket


class Batch(models.Model):
    """One change of many tickets: what was asked, how far it is, and what was left out."""

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("batch", "Planned")
        RUNNING = "running", pgettext_lazy("batch", "Running")
        DONE = "done", pgettext_lazy("batch", "Done")
        UNDOING = "undoing", pgettext_lazy("batch", "Being undone")
        UNDONE = "undone", pgettext_lazy("batch", "Undone")

    agent = models.ForeignKey(Agent, models.PROTECT, related_name="batches")
    # What is to be done, as codes: {"owner": "agent:7", "tags": ["parcel"], ...}.
    acts = models.JSONField()
    # Keys of tickets in the order of the list.
    tickets = models.JSONField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.PLANNED)
    # How many of them were looked at.
    place = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    # The tickets left out by reason: {"unseen": 2, "merged": 1}.
    skipped: models.JSONField[dict[str, int]] = models.JSONField(default=dict)
    made = models.DateTimeField(default=clock.now)
    ended = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return f"{self.agent}: {self.done} of {len(self.tickets)}"


class BatchChange(models.Model):
    """One ticket that a batch changed: what it was before, and its newest entry afterwards."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="changes", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+")
    seq = models.PositiveIntegerField()
    before = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "ticket"], name="batch_change_once")
        ]

    def __str__(self) -> str:
        return f"{self.batch}: {self.ticket}"

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import pgettext_lazy

from ahadi.lib import clock
from ahadi.people.models import Agent


class Batch(models.Model):
    """One change of many tickets: what was asked, how far it is, what was left out, and how it was before."""

    class State(models.TextChoices):
        RUNNING = "running", pgettext_lazy("batch", "Running")
        DONE = "done", pgettext_lazy("batch", "Done")
        UNDOING = "undoing", pgettext_lazy("batch", "Being undone")
        UNDONE = "undone", pgettext_lazy("batch", "Undone")

    agent = models.ForeignKey(Agent, models.PROTECT, related_name="batches")
    # What is to be done, as codes: {"assign": "agent:7", "tag": ["parcel"], ...}.
    acts = models.JSONField()
    # Keys of tickets in the order of the list.
    tickets = models.JSONField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    # How many of them were looked at.
    place = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    # The tickets left out by reason: {"unseen": 2, "merged": 1}.
    skipped: models.JSONField[dict[str, int]] = models.JSONField(default=dict)
    # What each ticket was before: [key, seq of the newest entry then, fields].
    before: models.JSONField[list[Any]] = models.JSONField(default=list)
    made = models.DateTimeField(default=clock.now)
    ended = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return f"{self.agent}: {self.done} of {len(self.tickets)}"

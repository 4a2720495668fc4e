from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from ahadi.lib import clock
from ahadi.people.models import Agent
from ahadi.tickets.models import Ticket


class Sketch(models.Model):
    """Words that an agent is writing and has not sent: they survive a crash, signing out, another device."""

    class Kind(models.TextChoices):
        REPLY = "reply"
        NOTE = "note"

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="sketches")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="sketches")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    text = models.TextField()
    # The other fields of the form as they were typed; they are read when the words are sent.
    fields = models.JSONField(default=dict)
    # Goes up with every change, so that two tabs notice each other.
    version = models.PositiveIntegerField(default=1)
    written = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "sketches"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ticket", "agent", "kind"], name="one_sketch_of_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.ticket} by {self.agent}"

    @property
    def plain(self) -> dict[str, Any]:
        """What the editor needs to go on."""
        return {"version": self.version, "text": self.text, **self.fields}

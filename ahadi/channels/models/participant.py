from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ahadi.lib import clock
from ahadi.people.models import Address, Agent
from ahadi.tickets.models import Ticket


class Participant(models.Model):
    """Somebody beside the requester who takes part in a ticket, and sees what is said after they joined."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="participants")
    address = models.ForeignKey(Address, models.PROTECT, related_name="participations")
    # The newest entry when they joined: nothing up to it is theirs to read.
    after = models.PositiveIntegerField()
    added = models.DateTimeField(default=clock.now)
    added_by = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    # Taken off, or named in a copy line and not wanted.
    removed = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["ticket", "address"], name="participant_once", condition=Q(removed=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.address} in {self.ticket}"

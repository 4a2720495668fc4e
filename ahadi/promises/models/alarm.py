from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ahadi.people.models import Agent
from ahadi.promises.models.promise import Promise
from ahadi.tickets.models import Ticket


class Alarm(models.Model):
    """Somebody of ours who was told that a promise is in danger or broken; once for each level."""

    class Level(models.IntegerChoices):
        WARNING = 0, _("Warned in time")
        OWNER = 1, _("Owner")
        LEAD = 2, _("Team lead")
        MANAGER = 3, _("Manager")

    promise = models.ForeignKey(Promise, models.PROTECT, related_name="alarms")
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="alarms")
    # The time that was promised.
    promised = models.DateTimeField()
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    # Null where a team is told because nobody owns the ticket in person.
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    # When it was due to be told, and when it was: later only where no worker lived.
    due = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ticket", "promised", "level"], name="alarm_once_each_level")
        ]

    def __str__(self) -> str:
        return f"{self.promise}: {self.get_level_display()}"

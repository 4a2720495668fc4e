from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models

from ahadi.lib import clock
from ahadi.promises.models.policy import Policy
from ahadi.tickets.models import Ticket


class TargetQuerySet(models.QuerySet["Target"]):
    """Questions about targets."""

    def running(self) -> TargetQuerySet:
        """Neither met nor at rest."""
        return self.filter(ended=None, due__isnull=False)

    def breached(self, at: datetime | None = None) -> TargetQuerySet:
        """Past their time: ended late, or still running now."""
        now = at or clock.now()
        return self.filter(models.Q(ended__gt=models.F("due")) | models.Q(ended=None, due__lt=now))


class Target(models.Model):
    """One clock of a ticket as it was counted last; its segments say where every minute went.

    Everything here is computed from entries, policies and working hours (promises/counting.py) and may be
    computed again at any time.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="targets")
    metric = models.CharField(max_length=8, choices=Policy.Metric.choices)
    # The first, second … clock of this kind on the ticket.
    place = models.PositiveIntegerField()
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="+")
    began = models.DateTimeField()
    # Null while it is paused: then nothing is due.
    due = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)
    # The moment it was missed by the rule of then; a later rule does not undo it.
    missed = models.DateTimeField(null=True)
    # [[from, to or null, "running" or "paused", reason, working seconds]]
    segments = models.JSONField(default=list)

    objects = TargetQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ticket", "metric", "place"], name="target_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["due"], name="target_due", condition=models.Q(ended__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.ticket} {self.metric}"


class Progress(models.Model):
    """How far counting has come: every entry up to here, and every open ticket after a change of rules."""

    name = models.CharField(max_length=16, primary_key=True)
    # The last entry that was counted, or the last ticket that was counted again.
    reached = models.BigIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    finished = models.PositiveIntegerField(default=0)
    began = models.DateTimeField(default=clock.now)
    # What the rules said then: another mark means that they have changed.
    mark = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.name} {self.finished}/{self.total}"

"""What was learned from the cases so far, kept for the pages that tell it."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models


class Usual(models.Model):
    """How long requests of one kind usually take, from our own history."""

    class Measure(models.TextChoices):
        ANSWER = "answer", "answer"
        SOLUTION = "solution", "solution"

    measure = models.CharField(max_length=8, choices=Measure.choices)
    # Empty for all requests, then by team, by its topic, by its urgency: "3", "3/7", "3/7/2".
    kind = models.CharField(max_length=64, blank=True)
    count = models.PositiveIntegerField()
    half = models.DurationField()
    most = models.DurationField()
    # Eight of ten lie between these two; the level is set by what came of earlier ranges.
    low = models.DurationField()
    high = models.DurationField()
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "usual durations"
        constraints: ClassVar = [models.UniqueConstraint(fields=["measure", "kind"], name="usual_once")]

    def __str__(self) -> str:
        return f"{self.measure} {self.kind or '*'}: {self.half}, {self.most} ({self.count})"

    @property
    def is_short(self) -> bool:
        """Everything is over within a minute: there is nothing worth telling."""
        return self.most < timedelta(minutes=1)

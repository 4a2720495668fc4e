from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ahadi.lib import clock


class Job(models.Model):
    """Work that a change asked for; it stays until it is done."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        FAILED = "failed", _("Given up")

    name = models.CharField(max_length=64)
    payload = models.JSONField(default=dict)
    # Jobs with the same key run one after the other, oldest first; empty means in any order.
    order_by = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Not before this time; while running, the moment at which another worker may take over.
    next_try = models.DateTimeField(default=clock.now)
    # What is wanted first is done first: what people wait for before what can wait.
    wanted = models.DateTimeField(default=clock.now)
    # Who claimed it, where workers have numbers; see outbox.life.
    worker = models.BigIntegerField(null=True)
    last_error = models.TextField(blank=True)
    created = models.DateTimeField(default=clock.now)

    class Meta:
        indexes: ClassVar = [
            # None on what a claim changes: PostgreSQL changes such rows in place.
            models.Index(fields=["order_by", "id"], name="job_order"),
            models.Index(fields=["wanted", "id"], name="job_wanted"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"

"""What the portal itself has to remember."""

from __future__ import annotations

from django.db import models

from ahadi.lib import clock
from ahadi.tickets.models import Entry


class Sending(models.Model):
    """A form that arrived, by its one-time key: pressed twice, it is still one request."""

    key = models.CharField(max_length=43, unique=True)
    entry = models.ForeignKey(Entry, models.PROTECT, null=True)
    at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.key[:6]}… {self.at:%Y-%m-%d %H:%M}"

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ahadi.channels.models.inbox import Inbox
from ahadi.lib import clock


class Checkup(models.Model):
    """One examination of an inbox: whether mail from it arrives and mail to it comes in."""

    inbox = models.ForeignKey(Inbox, models.PROTECT, related_name="checkups")
    asked = models.DateTimeField(default=clock.now)
    done = models.DateTimeField(null=True)
    # What was found: [{"about", "state", "code", "data"}], read in the reader's language.
    findings = models.JSONField(default=list)
    # The mail that the inbox sends to itself, and when it came back.
    message_id = models.CharField(max_length=250, blank=True)
    sent = models.DateTimeField(null=True)
    returned = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["inbox", "-asked"], name="checkup_newest")]

    def __str__(self) -> str:
        return f"{self.inbox} {self.asked:%Y-%m-%d %H:%M}"

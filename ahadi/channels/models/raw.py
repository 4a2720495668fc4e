from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ahadi.channels.models.inbox import Inbox
from ahadi.lib import clock, store
from ahadi.lib.fresh import Quick
from ahadi.tickets.models import Entry


class RawMessage(Quick):
    """The bytes of one message exactly as they came, and what became of them."""

    class Outcome(models.TextChoices):
        PENDING = "", _("Being read")
        TICKET = "ticket", _("New ticket")
        ENTRY = "entry", _("Part of a ticket")
        QUARANTINE = "quarantine", _("Quarantine")

    class Reason(models.TextChoices):
        LOOP = "loop", _("Our own mail came back")
        BOUNCE = "bounce", _("A delivery report that matches no message of ours")
        SELF = "self", _("Sent from one of our own addresses")
        EMPTY = "empty", _("Nothing in it that can be read")
        TOO_LARGE = "too_large", _("Larger than allowed")
        SPAM = "spam", _("Marked as spam")

    sha256 = models.CharField(max_length=64, unique=True)
    message_id = models.CharField(max_length=998, blank=True, db_index=True)
    channel = models.CharField(max_length=16, default="email")
    inbox = models.ForeignKey(Inbox, models.PROTECT, null=True, related_name="raw_messages", db_index=False)
    # The envelope, which the headers need not agree with.
    sender = models.CharField(max_length=320, blank=True)
    recipients = models.JSONField(default=list)
    # The machine that handed it over, where that is known.
    client_ip = models.GenericIPAddressField(null=True)
    received = models.DateTimeField(default=clock.now)
    size = models.PositiveBigIntegerField()
    subject = models.CharField(max_length=250, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.PENDING, blank=True)
    reason = models.CharField(max_length=24, choices=Reason.choices, blank=True)
    entry = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="raw_messages")
    # Why it belongs to this ticket: the evidence that was found, kept to be shown.
    evidence = models.JSONField(default=dict)
    # What was found out about its sender.
    authentication = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            # What an inbox took in today is counted on its page.
            models.Index(fields=["inbox", "received"], name="raw_inbox_newest"),
            models.Index(
                fields=["-received"], name="raw_quarantine", condition=models.Q(outcome="quarantine")
            ),
        ]

    def __str__(self) -> str:
        return self.sha256[:12]

    def read(self) -> bytes:
        """The message, byte for byte."""
        return store.read(self.sha256)

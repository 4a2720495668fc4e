from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ahadi.lib import clock, store
from ahadi.people.models import Agent
from ahadi.tickets.models import Ticket
from ahadi.tickets.said import File


class DraftQuerySet(models.QuerySet["Draft"]):
    """Questions about answers that have not left."""

    def leaving(self) -> DraftQuerySet:
        """Those that leave by themselves, the next one first."""
        return self.filter(leaves__isnull=False).order_by("leaves", "pk")

    def resting(self) -> DraftQuerySet:
        """Those that wait for a person, the newest first."""
        return self.filter(leaves__isnull=True).order_by("-pk")


class Draft(models.Model):
    """An answer that is written and has not left: it leaves by itself at its time, or waits for a person.

    Until it leaves it is no part of the ticket's history, so the customer cannot read it and no promise
    is kept or changed by it.
    """

    class Reason(models.TextChoices):
        TAKEN_BACK = "taken_back", _("Taken back before it left.")
        NEWER = "newer", _("Stopped: something was said before it left.")
        SOLVED = "solved", _("Stopped: the ticket was solved before it left.")
        WRITER = "writer", _("Stopped: its writer does not answer here any more.")

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="drafts")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="drafts")
    text = models.TextField()
    # Name, type, size and content of each file; the bytes are in the store.
    files = models.JSONField(default=list)
    step = models.CharField(max_length=250, blank=True)
    due = models.DateTimeField(null=True)
    then = models.CharField(max_length=8, default="open")
    # The newest entry its writer had seen.
    seq = models.PositiveIntegerField()
    written = models.DateTimeField(default=clock.now)
    # Null while it waits for a person; then `reason` says why.
    leaves = models.DateTimeField(null=True)
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(leaves__isnull=False, reason="")
                | models.Q(leaves__isnull=True) & ~models.Q(reason=""),
                name="draft_leaves_or_says_why",
            )
        ]

    def __str__(self) -> str:
        return f"{self.ticket} by {self.agent}"

    def rest(self, reason: str) -> None:
        """Let it wait for a person."""
        self.leaves, self.reason = None, reason
        self.save(update_fields=["agent", "leaves", "reason"])

    def move(self, moment: datetime) -> None:
        """Let it leave at another time."""
        self.leaves = moment
        self.save(update_fields=["leaves"])

    def attach(self, files: Sequence[File]) -> None:
        """Keep files with it, in the store."""
        for file in files:
            kept = {"name": file.name, "content_type": file.content_type, "size": len(file.content)}
            if file.is_inline:
                kept |= {"content_id": file.content_id, "is_inline": True}
            self.files = [*self.files, {**kept, "sha256": store.put(file.content)}]

    def attachments(self) -> list[File]:
        """Its files as they will be sent."""
        return [
            File(
                kept["name"],
                kept["content_type"],
                store.read(kept["sha256"]),
                kept.get("content_id", ""),
                kept.get("is_inline", False),
            )
            for kept in self.files
        ]

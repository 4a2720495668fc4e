from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ahadi.lib import clock
from ahadi.people.models import Agent
from ahadi.tickets.models import Entry, Ticket


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Questions about notices."""

    def unread(self) -> NoticeQuerySet:
        """Nobody has looked at their ticket since."""
        return self.filter(read=None)

    def of(self, agent: Agent) -> NoticeQuerySet:
        """What an agent is told, about tickets they may still see."""
        return self.filter(Ticket.objects.visible_to(agent).named_by("ticket"), agent=agent)


class Notice(models.Model):
    """Something happened on a ticket that concerns an agent; what follows before they look is counted."""

    class Reason(models.TextChoices):
        ASSIGNED = "assigned", _("A ticket is given to me")
        MENTIONED = "mentioned", _("A colleague calls me by name")
        ANSWERED = "answered", _("A customer answers on a ticket of mine")
        PROMISE = "promise", _("A promise of mine is about to break, or is broken")
        FOLLOWED = "followed", _("Something happens on a ticket I follow")

    BECAUSE: ClassVar = {
        Reason.ASSIGNED: _("You get this because the ticket was given to you."),
        Reason.MENTIONED: _("You get this because a colleague called you by name."),
        Reason.ANSWERED: _("You get this because the ticket is yours."),
        Reason.PROMISE: _("You get this because you answer for the promise."),
        Reason.FOLLOWED: _("You get this because you follow the ticket."),
    }

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="notices", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="notices")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12, choices=Reason.choices)
    # How often it happened since they looked.
    count = models.PositiveIntegerField(default=1)
    at = models.DateTimeField(default=clock.now)
    read = models.DateTimeField(null=True)
    # When it went out by mail and by push; null where it did not, or not yet.
    mailed = models.DateTimeField(null=True)
    pushed = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["agent", "ticket", "reason"],
                name="notice_once",
                condition=models.Q(read__isnull=True),
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["agent", "-at"], name="notice_newest"),
            models.Index(fields=["at"], name="notice_unread", condition=models.Q(read__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.ticket} for {self.agent}"

    @property
    def because(self) -> str:
        """Why this person is told."""
        return str(self.BECAUSE[Notice.Reason(self.reason)])


class Place(models.Model):
    """How far the entries have been read for notices; one row."""

    entry = models.BigIntegerField(default=0)


class Browser(models.Model):
    """A browser that shows an agent's notices also while no page of ours is open."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="browsers")
    endpoint = models.CharField(max_length=500, unique=True)
    keys = models.JSONField()
    added = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.agent} at {self.endpoint[:40]}"

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ahadi.lib import clock
from ahadi.people.models import Agent, Team
from ahadi.tickets.models import Ticket


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Questions about absences."""

    def now(self, at: datetime | None = None) -> AbsenceQuerySet:
        """Whoever is away at a moment."""
        moment = at or clock.now()
        return self.filter(begins__lte=moment, ends__gt=moment)

    def to_begin(self) -> AbsenceQuerySet:
        """Those that have begun, and whose tickets are not handed over yet."""
        return self.now().filter(handed=None)


class Absence(models.Model):
    """A time in which somebody is not there, and who looks after their tickets meanwhile."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="absences", verbose_name=_("who"))
    begins = models.DateTimeField(_("from"))
    ends = models.DateTimeField(_("until"))
    # Null where the team looks after them together.
    substitute = models.ForeignKey(
        Agent, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("stands in")
    )
    handed = models.DateTimeField(null=True, editable=False)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends__gt=models.F("begins")), name="absence_ends_after_it_begins"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["ends"], name="absence_ends")]

    def __str__(self) -> str:
        return f"{self.agent} until {self.ends:%Y-%m-%d}"


class Turn(models.Model):
    """The last ticket of a team that somebody was given in turn."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="+")
    # The number of the entry that asked: later ones are higher.
    last = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "agent"], name="turn_once")]

    def __str__(self) -> str:
        return f"{self.agent} in {self.team}"


class RingQuerySet(models.QuerySet["Ring"]):
    """Questions about rings."""

    def open(self) -> RingQuerySet:
        """Whoever still waits for somebody, first come first."""
        return self.filter(ended=None).order_by("asked", "pk")


class Ring(models.Model):
    """Somebody wants to speak with a person now: whose desks rang, who accepted, how long it took."""

    class Cause(models.TextChoices):
        TALK = "talk", _("Chat")
        CALL = "call", _("Call-back")

    class Why(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        WITHDRAWN = "withdrawn", _("the customer no longer waits")
        ANSWERED = "answered", _("answered in another way")

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="rings")
    cause = models.CharField(max_length=8, choices=Cause)
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    asked = models.DateTimeField()
    # When the first desk rang; null while nobody is free.
    begun = models.DateTimeField(null=True)
    # Somebody was free in the moment it was asked for: what the house is measured by.
    was_free = models.BooleanField(default=False)
    # Keys of the agents whose desks ring now, and when others said "not now".
    rings_at = models.JSONField(default=list)
    refused = models.JSONField(default=dict)
    accepted_by = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="rings")
    accepted = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)
    why = models.CharField(max_length=12, choices=Why, blank=True)
    # When the call or the talk that it led to was over: until then its agent has somebody.
    finished = models.DateTimeField(null=True)

    objects = RingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["ticket"], name="one_open_ring", condition=models.Q(ended__isnull=True)
            ),
            models.CheckConstraint(
                condition=models.Q(accepted=None, accepted_by=None) & ~models.Q(why="accepted")
                | models.Q(
                    accepted__isnull=False, accepted_by__isnull=False, ended__isnull=False, why="accepted"
                ),
                name="ring_accepted_by_one",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["asked", "id"], name="ring_open", condition=models.Q(ended__isnull=True)),
            models.Index(fields=["cause", "asked"], name="ring_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.cause} of {self.ticket_id}"

    @property
    def waited(self) -> timedelta | None:
        """From the wish until somebody accepted."""
        return self.accepted - self.asked if self.accepted else None

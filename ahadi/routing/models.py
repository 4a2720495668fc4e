from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ahadi.lib import clock
from ahadi.people.models import Agent, Team


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

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ahadi.lib import clock
from ahadi.people.models import Agent, Customer


class Reason(models.TextChoices):
    """Why something is destroyed: what the tombstone says, and all it says."""

    WITHDRAWN = "withdrawn", _("The person withdrew their consent")
    NOT_NEEDED = "not_needed", _("It is not needed any more")
    OBJECTED = "objected", _("The person objected, and nothing outweighs it")
    UNLAWFUL = "unlawful", _("It was kept without a right to")
    DUTY = "duty", _("A law demands it")
    TERM = "term", _("Its time to be kept is over")


class Erasure(models.Model):
    """A person who is to be forgotten: asked for by one agent, confirmed by another, then done at once."""

    Reason = Reason

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="erasures")
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    # Where it was asked for: the number of a letter, a date; never a name.
    note = models.CharField(_("note for the files"), max_length=250, blank=True)
    asked = models.DateTimeField(default=clock.now)
    asked_by = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    confirmed = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    # Somebody thought better of it.
    withdrawn = models.DateTimeField(null=True)
    # When no page of the database held a letter of it any more.
    swept = models.DateTimeField(null=True)
    # How many rows of each table were destroyed or emptied.
    counts = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["-asked", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None) | ~models.Q(confirmed_by=models.F("asked_by")),
                name="erasure_takes_two",
            ),
            models.UniqueConstraint(
                fields=["customer"],
                condition=models.Q(confirmed=None, withdrawn=None),
                name="one_waiting_erasure",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.reason}"

    @property
    def is_waiting(self) -> bool:
        """Asked for, and nobody has confirmed or withdrawn it."""
        return self.confirmed is None and self.withdrawn is None


class Hold(models.Model):
    """What is about this person is needed for a claim in law: it must not be erased meanwhile."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="holds")
    reason = models.CharField(_("reason"), max_length=250)
    since = models.DateTimeField(default=clock.now)
    set_by = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    lifted = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-since", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer"], condition=models.Q(lifted=None), name="one_standing_hold"
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} since {self.since:%Y-%m-%d}"


class Retention(models.Model):
    """How many days one kind of thing is kept; without a row it is kept until somebody asks."""

    kind = models.CharField(max_length=16, unique=True)
    days = models.PositiveIntegerField(_("days"))
    set_by = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.kind}: {self.days} days"

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ahadi.lib import clock
from ahadi.people.models import Address, Agent
from ahadi.tickets.models import Entry, Ticket


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    """Questions about addresses that no machine writes to."""

    def standing(self) -> SuppressionQuerySet:
        """Neither lifted nor over."""
        return self.filter(lifted=None, until__gt=clock.now())


class Suppression(models.Model):
    """An address that no automatic mail goes to for a while; people may still write to it."""

    class Reason(models.TextChoices):
        MAILBOX = "mailbox", _("There is no such mailbox")
        COMPLAINT = "complaint", _("Its reader marked mail of ours as unwanted")

    address = models.ForeignKey(Address, models.PROTECT, related_name="suppressions")
    reason = models.CharField(max_length=12, choices=Reason.choices)
    # What the other server wrote.
    said = models.TextField(blank=True)
    since = models.DateTimeField(default=clock.now)
    until = models.DateTimeField()
    # Somebody wrote from it, or an administrator knows better.
    lifted = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["address"], name="suppression_once", condition=Q(lifted=None))
        ]
        indexes: ClassVar = [
            models.Index(fields=["-since", "-id"], name="suppression_standing", condition=Q(lifted=None))
        ]

    def __str__(self) -> str:
        return f"{self.address} {self.reason}"


class Pause(models.Model):
    """A time in which no machine of ours wrote to anybody, because too many strangers had been written to."""

    since = models.DateTimeField(default=clock.now)
    ended = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["since"], name="pause_now", condition=Q(ended=None))]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M}"

    @classmethod
    def now(cls) -> Pause | None:
        """The one that lasts, if any."""
        return cls.objects.filter(ended=None).order_by("since").first()


class Withheld(models.Model):
    """An automatic text that was not written, and why: counted, so that silence is never a secret."""

    class Reason(models.TextChoices):
        ONCE = "once", _("This text was already sent on this ticket")
        CONVERSATION = "conversation", _("A person was just writing with this address")
        OFTEN = "often", _("This address had enough automatic mail for the time being")
        SUBJECT = "subject", _("The same subject was confirmed twice")
        SUPPRESSED = "suppressed", _("No automatic mail goes to this address")
        PAUSED = "paused", _("All automatic mail was paused")
        TALK = "talk", _("A person was talking with them live")

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="withheld")
    address = models.ForeignKey(Address, models.PROTECT, related_name="+", db_index=False)
    # The code of the text that was not written.
    code = models.CharField(max_length=24)
    reason = models.CharField(max_length=12, choices=Reason.choices)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "withheld"
        indexes: ClassVar = [models.Index(fields=["at", "reason"], name="withheld_lately")]

    def __str__(self) -> str:
        return f"{self.ticket} {self.code} {self.reason}"


class Absence(models.Model):
    """What a customer's mail program said about when they are back."""

    address = models.ForeignKey(Address, models.PROTECT, related_name="absences")
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="absence")
    # The first day on which they read mail again.
    back = models.DateField()
    # They wrote, so they are here.
    ended = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["address"], name="absence_once", condition=Q(ended=None))
        ]

    def __str__(self) -> str:
        return f"{self.address} until {self.back}"

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import uuid4

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from ahadi.lib import clock
from ahadi.people.models import Agent, WorkingHours


def _key() -> str:
    return uuid4().hex


class PolicyQuerySet(models.QuerySet["Policy"]):
    """Questions about policies."""

    def standing(self) -> PolicyQuerySet:
        """Those that hold now, the first that matches first."""
        return self.filter(until=None).order_by("place", "pk")


class Policy(models.Model):
    """Targets for the tickets that meet some conditions, as they were from one moment to another.

    A policy is never changed: what is edited ends, and a new row with the same key begins, so that every
    figure can be counted again from the entries.
    """

    class Metric(models.TextChoices):
        FIRST = "first", _("First answer")
        NEXT = "next", _("Next answer")
        UPDATE = "update", _("Update")
        SOLUTION = "solution", _("Solution")

    # What a condition may ask about.
    CONDITIONS: ClassVar = ("customer", "organization", "team", "priority", "language", "channel")

    key = models.CharField(max_length=32, default=_key, editable=False)
    name = models.CharField(_("name"), max_length=80)
    place = models.PositiveSmallIntegerField(_("order"), default=1)
    # {"team": [1, 2], "priority": [4]}: every condition that is named has to hold; none is for all tickets.
    conditions = models.JSONField(default=dict, blank=True)
    first = models.DurationField(Metric.FIRST.label, null=True, blank=True)
    next = models.DurationField(Metric.NEXT.label, null=True, blank=True)
    update = models.DurationField(Metric.UPDATE.label, null=True, blank=True)
    solution = models.DurationField(Metric.SOLUTION.label, null=True, blank=True)
    # Null where the customer's, their organization's or the team's hours count.
    working_hours = models.ForeignKey(WorkingHours, models.PROTECT, null=True, blank=True, related_name="+")
    since = models.DateTimeField(default=clock.now, editable=False)
    until = models.DateTimeField(null=True, editable=False)
    by = models.ForeignKey(Agent, models.PROTECT, null=True, editable=False, related_name="+")

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "policies"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["key"], name="one_standing_policy", condition=models.Q(until__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.name

    def target(self, metric: str) -> timedelta | None:
        """The working time that this policy gives for something; None where it says nothing."""
        found: timedelta | None = getattr(self, metric)
        return found

    def holds(self, at: datetime) -> bool:
        """Whether this row stood at a moment."""
        return self.since <= at and (self.until is None or at < self.until)

    def meets(self, facts: Mapping[str, Any]) -> bool:
        """Whether a ticket with these facts is one of its tickets."""
        return all(facts.get(name) in wanted for name, wanted in self.conditions.items() if wanted)

    @transaction.atomic
    def replace(self, *, by: Agent | None, **changes: Any) -> Policy:
        """The same policy as it is from now on; what was counted by the old one stays counted."""
        now = clock.now()
        Policy.objects.filter(pk=self.pk, until=None).update(until=now)
        kept = {
            field.attname: getattr(self, field.attname)
            for field in self._meta.concrete_fields
            if field.name not in ("id", "since", "until", "by")
        }
        return Policy.objects.create(**{**kept, **changes}, since=now, by=by)

    def end(self) -> None:
        """No ticket is measured by it from now on."""
        Policy.objects.filter(pk=self.pk, until=None).update(until=clock.now())

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ahadi.people.models import Team
from ahadi.tickets.models.ticket import Ticket


class Field(models.Model):
    """Something this company wants to know about its tickets, for all of them or those of one team."""

    class Kind(models.TextChoices):
        TEXT = "text", pgettext_lazy("kind of field", "Text")
        NUMBER = "number", pgettext_lazy("kind of field", "Number")
        DATE = "date", pgettext_lazy("kind of field", "Date")
        CHOICE = "choice", pgettext_lazy("kind of field", "Choice")

    name = models.CharField(_("name"), max_length=60)
    # How searches and programs call it; never changed, because saved searches name it.
    code = models.SlugField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.TEXT)
    choices = models.JSONField(_("choices"), default=list)
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="fields", verbose_name=_("team")
    )
    is_required = models.BooleanField(_("needed before a ticket is solved"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["place", "pk"]

    def __str__(self) -> str:
        return self.name


class FieldValue(models.Model):
    """What is known about a ticket in one field, in its newest state; the entries keep the history."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="values", db_index=False)
    field = models.ForeignKey(Field, models.PROTECT, related_name="values", db_index=False)
    # As it is written: a number with a point, a day as 2026-12-02.
    value = models.CharField(max_length=500)
    # The same for searching: letters and digits of five languages folded.
    folded = models.CharField(max_length=500)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["ticket", "field"], name="value_once")]
        indexes: ClassVar = [models.Index(fields=["field", "folded"], name="field_value")]

    def __str__(self) -> str:
        return f"{self.field}: {self.value}"

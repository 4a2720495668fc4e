from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Tag(models.Model):
    """A word that groups tickets for the people who answer."""

    class Color(models.TextChoices):
        NEUTRAL = "neutral", pgettext_lazy("colour", "Grey")
        TEAL = "teal", pgettext_lazy("colour", "Teal")
        BLUE = "blue", pgettext_lazy("colour", "Blue")
        VIOLET = "violet", pgettext_lazy("colour", "Violet")
        ROSE = "rose", pgettext_lazy("colour", "Rose")
        AMBER = "amber", pgettext_lazy("colour", "Amber")
        GREEN = "green", pgettext_lazy("colour", "Green")

    name = models.CharField(_("name"), max_length=40, unique=True)
    color = models.CharField(_("colour"), max_length=16, choices=Color.choices, default=Color.NEUTRAL)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ahadi.lib import piece
from ahadi.lib.question import Question

# White writing on the company's colour, and the colour on white: both are read (WCAG 1.4.3).
LEAST_CONTRAST = 4.5
PETROL = "#0E7480"


class Letterhead(models.Model):
    """How the company's mails look: its colour, its logo, and what stands at the foot in each language."""

    color = models.CharField(_("colour"), max_length=7, default=PETROL)
    # The name of the picture in the store, and its type.
    logo = models.CharField(max_length=64, blank=True)
    logo_type = models.CharField(max_length=32, blank=True)
    footers = models.JSONField(_("foot of the mails"), default=dict)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="one_letterhead")]

    def __str__(self) -> str:
        return self.color

    @classmethod
    def current(cls) -> Letterhead:
        """The letterhead; before anybody has chosen one, the house's own, which is not stored."""
        found: list[Letterhead] = piece.once(_CURRENT, _CURRENT.objects)
        return found[0] if found else cls(pk=1)


_CURRENT = Question(lambda: Letterhead.objects.filter(pk=1))


def contrast_with_white(color: str) -> float:
    """How well white and a colour such as #0E7480 can be told apart, from 1 to 21."""
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy

from ahadi.lib import clock
from ahadi.people.models import Agent
from ahadi.tickets.models.ticket import Ticket


class Link(models.Model):
    """Two tickets that have to do with each other: how `ticket` stands to `other`."""

    class Kind(models.TextChoices):
        RELATED = "related", pgettext_lazy("link", "Related")
        # Many tickets of one cause: the children of the ticket that stands for the cause.
        CHILD = "child", pgettext_lazy("link", "Part of")
        # Begun from words that were said in the other.
        SPLIT = "split", pgettext_lazy("link", "Split from")

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="links")
    other = models.ForeignKey(Ticket, models.PROTECT, related_name="linked_from")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    made = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ticket", "other"], name="link_once"),
            models.UniqueConstraint(fields=["ticket"], name="one_parent", condition=models.Q(kind="child")),
            models.CheckConstraint(condition=~models.Q(ticket=models.F("other")), name="link_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket} {self.kind} {self.other}"

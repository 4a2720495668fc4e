from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models

from ahadi.lib import clock
from ahadi.people.models import Agent, Team
from ahadi.tickets.models import Ticket


class PromiseQuerySet(models.QuerySet["Promise"]):
    """Questions about promises."""

    def open(self) -> PromiseQuerySet:
        """Given and neither kept nor replaced."""
        return self.filter(ended=None)

    def seen_by(self, agent: Agent) -> PromiseQuerySet:
        """Open ones of the tickets that an agent may see, as `Ticket.objects.visible_to` has it.

        An open promise carries its ticket's team and owner: who leads need not read every open ticket.
        """
        if not agent.sees_everything:
            return self.filter(Ticket.objects.visible_to(agent).named_by("ticket"))
        barred = Ticket.barred.through.objects.filter(agent=agent).values("ticket")
        closed = Team.objects.filter(is_private=True).exclude(agents=agent)
        seen = self.exclude(ticket__in=barred)
        return seen.filter(~models.Q(owner_team__in=closed) | models.Q(owner_agent=agent))

    def broken(self, at: datetime | None = None) -> PromiseQuerySet:
        """Open and past their time."""
        return self.open().filter(due__lt=at or clock.now()).exclude(step_code=Ticket.Step.CUSTOMER)

    def in_danger(self, at: datetime | None = None) -> PromiseQuerySet:
        """Their owner was warned and nobody acted; not past their time yet."""
        return self.open().filter(warned__isnull=False, due__gte=at or clock.now()).order_by("due", "pk")

    def asking(self, at: datetime | None = None) -> PromiseQuerySet:
        """Something has to happen about them now, longest overdue first."""
        return self.open().filter(look__lte=at or clock.now()).order_by("look", "pk")


class Promise(models.Model):
    """A next step with an owner and a time that a customer was given; a ticket has one open at most."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="promises")
    step_code = models.CharField(max_length=16, choices=Ticket.Step.choices)
    step_text = models.CharField(max_length=250, blank=True)
    owner_agent = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="promises")
    owner_team = models.ForeignKey(Team, models.PROTECT, related_name="promises")
    due = models.DateTimeField()
    made = models.DateTimeField(default=clock.now)
    # Null where a policy gave it.
    made_by = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="given_promises")
    kept = models.DateTimeField(null=True)
    # Replaced by a later promise before it was kept.
    moved = models.DateTimeField(null=True)
    reason = models.CharField(max_length=250, blank=True)
    # Either kept or moved; null while the word stands.
    ended = models.DateTimeField(null=True)
    # Its time, where that passed while the word stood.
    broken = models.DateTimeField(null=True)
    # When its owner was warned, and when the customer was told that it will not hold.
    warned = models.DateTimeField(null=True)
    announced = models.DateTimeField(null=True)
    # A machine gave it because the one before was not kept: it is not moved by a machine again.
    again = models.BooleanField(default=False)
    # The last word of a person of ours before it, or the customer's first.
    heard = models.DateTimeField(default=clock.now)
    # When there is something to do about it: at once it is looked at for the first time.
    look = models.DateTimeField(null=True, default=clock.now)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["ticket"], name="one_open_promise", condition=models.Q(ended__isnull=True)
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["due"], name="promise_due", condition=models.Q(ended__isnull=True)),
            models.Index(
                fields=["due"],
                name="promise_warned",
                condition=models.Q(ended__isnull=True, warned__isnull=False),
            ),
            models.Index(fields=["look"], name="promise_look", condition=models.Q(ended__isnull=True)),
            models.Index(fields=["heard"], name="promise_heard", condition=models.Q(ended__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.ticket} by {self.due:%Y-%m-%d %H:%M}"

    @property
    def is_ours(self) -> bool:
        """We owe the next step; else the customer does, and nothing can be broken by us."""
        return self.step_code != Ticket.Step.CUSTOMER

    @property
    def is_late(self) -> bool:
        """The time passed before the word was kept."""
        return (self.kept or clock.now()) > self.due

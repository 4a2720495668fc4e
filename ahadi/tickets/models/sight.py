from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef

from ahadi.people.models import Agent, Team

if TYPE_CHECKING:
    from ahadi.tickets.models.ticket import Ticket  # noqa: F401 - named in quotes below


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Questions about tickets; `visible_to` is the only way agents reach them."""

    def visible_to(self, agent: Agent) -> TicketQuerySet:
        """What this agent may see: leads everything but private teams, else what their teams were asked.

        Everybody sees what they own; nobody what they are kept out of.
        """
        barred = self.model.barred.through.objects.filter(agent=agent).values("ticket")
        seen = self.exclude(pk__in=barred)
        if agent.sees_everything:
            closed = Team.objects.filter(is_private=True).exclude(agents=agent)
            return seen.filter(~models.Q(team__in=closed) | models.Q(assignee=agent))
        teams = Team.objects.filter(agents=agent)
        also = models.Q(pk__in=self.model.also.through.objects.filter(team__in=teams).values("ticket"))
        return seen.filter(models.Q(team__in=teams) | models.Q(assignee=agent) | also)

    def named_by(self, key: str) -> Exists:
        """Whether a row of another table names one of these by `key`.

        Each row is asked about by itself: for `key__in` SQLite puts all of these together first.
        """
        return Exists(self.filter(pk=OuterRef(key)))

    def open(self) -> TicketQuerySet:
        """Not solved: open or waiting for the customer."""
        return self.exclude(status=self.model.Status.SOLVED)

    def by_due(self) -> TicketQuerySet:
        """Next due first, with the key that makes pages stable."""
        return self.order_by("due", "pk")

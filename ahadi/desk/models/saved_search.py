from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ahadi.lib import clock
from ahadi.people.models import Agent, Team
from ahadi.tickets.grammar import LONGEST


class SavedSearchQuerySet(models.QuerySet["SavedSearch"]):
    """Questions about saved searches."""

    def standing(self) -> SavedSearchQuerySet:
        """Those that nobody took away."""
        return self.filter(removed=None)

    def offered_to(self, agent: Agent) -> SavedSearchQuerySet:
        """An agent's own, those of their teams and those for everybody."""
        teams = Team.objects.filter(agents=agent)
        everybody = models.Q(owner=None, team=None)
        return self.standing().filter(models.Q(owner=agent) | models.Q(team__in=teams) | everybody)

    def kept_by(self, agent: Agent) -> SavedSearchQuerySet:
        """What an agent may change: their own and their teams'; leads also what all share."""
        own = models.Q(owner=agent) | models.Q(team__in=Team.objects.filter(agents=agent))
        return self.filter(own | models.Q(owner=None) if agent.sees_everything else own)


class SavedSearch(models.Model):
    """A question about tickets under a name: one agent's own, a team's, or everybody's."""

    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("search"), max_length=LONGEST)
    # Both empty: for everybody.
    owner = models.ForeignKey(Agent, models.CASCADE, null=True, blank=True, related_name="+")
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="+")
    place = models.PositiveIntegerField(default=0)
    # Taken away, and for a while brought back by one click.
    removed = models.DateTimeField(null=True)
    # Goes up with every change, so that lists which are kept notice.
    revision = models.PositiveIntegerField(default=0)

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "saved searches"
        ordering: ClassVar = ["place", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def code(self) -> str:
        """Its name in an address."""
        return f"s{self.pk}"

    def write(self) -> None:
        """Save, so that everybody's lists notice."""
        self.revision += 1
        self.save()

    def remove(self) -> None:
        """Take it out of the lists; `bring_back` undoes it."""
        self.removed = clock.now()
        self.write()

    def bring_back(self) -> None:
        """Undo `remove`."""
        self.removed = None
        self.write()

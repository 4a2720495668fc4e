from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from ahadi.lib import clock
from ahadi.people.models import Agent, Team


def _for(agent: Agent) -> models.Q:
    return models.Q(team=None) | models.Q(team__in=Team.objects.filter(agents=agent))


class SavedReplyQuerySet(models.QuerySet["SavedReply"]):
    """Questions about saved replies."""

    def of(self, agent: Agent) -> SavedReplyQuerySet:
        """What is for everybody, and what is for the teams of this agent."""
        return self.filter(_for(agent))


class MacroQuerySet(models.QuerySet["Macro"]):
    """Questions about macros."""

    def of(self, agent: Agent) -> MacroQuerySet:
        """What is for everybody, and what is for the teams of this agent."""
        return self.filter(_for(agent))


class AtHand(models.Model):
    """Something prepared that is found by its name: for everybody, or for one team."""

    name = models.CharField(_("name"), max_length=80)
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    uses = models.PositiveIntegerField(default=0, editable=False)
    used = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def count_use(self) -> None:
        """Remember that it was used once more."""
        type(self)._default_manager.filter(pk=self.pk).update(uses=F("uses") + 1, used=clock.now())


class SavedReply(AtHand):
    """Prepared words, once in each language they are needed in."""

    folder = models.CharField(_("folder"), max_length=80, blank=True)

    objects = SavedReplyQuerySet.as_manager()

    class Meta(AtHand.Meta):
        abstract = False
        ordering: ClassVar = ["folder", "name", "pk"]

    def text_in(self, language: str, otherwise: str = "") -> SavedText | None:
        """Its words in a language, else in the other one, else in any it has."""
        texts = {text.language: text for text in self.texts.all()}
        return texts.get(language) or texts.get(otherwise) or next(iter(texts.values()), None)


class SavedText(models.Model):
    """The words of a saved reply in one language."""

    reply = models.ForeignKey(SavedReply, models.CASCADE, related_name="texts")
    language = models.CharField(max_length=8, choices=settings.LANGUAGES)
    text = models.TextField()

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reply", "language"], name="saved_text_once")
        ]

    def __str__(self) -> str:
        return f"{self.reply} ({self.language})"


class Macro(AtHand):
    """Words and actions that belong together, done in one go."""

    reply = models.ForeignKey(
        SavedReply, models.SET_NULL, null=True, blank=True, related_name="macros", verbose_name=_("words")
    )
    # Pairs of an action's code and its value, in the order in which they are done.
    actions = models.JSONField(default=list)

    objects = MacroQuerySet.as_manager()

    class Meta(AtHand.Meta):
        abstract = False
        ordering: ClassVar = ["name", "pk"]

"""A search that is kept under a name."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ahadi.desk.forms.base import ModelForm
from ahadi.desk.models import SavedSearch
from ahadi.lib import clock
from ahadi.people.models import Agent, Team
from ahadi.tickets import asking

ME, ALL = "me", "all"


class SavedSearchForm(ModelForm[SavedSearch]):
    """Its name, what it asks, and whose it is."""

    whose = forms.ChoiceField(label=_("Who sees it"))

    class Meta:
        model = SavedSearch
        fields = ("name", "query")
        labels: ClassVar = {"name": _("Name"), "query": _("Search")}
        help_texts: ClassVar = {"query": _("For example: is:unsolved tag:refund -from:@partner.example")}

    def __init__(self, agent: Agent, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agent = agent
        teams = Team.objects.all() if agent.sees_everything else Team.objects.filter(agents=agent)
        choices = [(ME, _("Only me")), *((str(team.pk), team.name) for team in teams)]
        if agent.sees_everything:
            choices.append((ALL, _("Everybody")))
        whose: Any = self.fields["whose"]
        whose.choices = choices
        if self.instance.pk:
            known = self.instance
            self.initial["whose"] = ME if known.owner_id else str(known.team_id or ALL)

    def clean_query(self) -> str:
        """What cannot be understood now will not be understood later."""
        query = str(self.cleaned_data["query"]).strip()
        wrong = asking.ask(query, self.agent, clock.now()).wrong
        if wrong:
            raise ValidationError(list(wrong))
        return query

    def keep(self) -> SavedSearch:
        """Write it down."""
        kept, whose = self.instance, self.cleaned_data["whose"]
        kept.owner = self.agent if whose == ME else None
        kept.team_id = int(whose) if whose.isdecimal() else None
        if kept.pk is None:
            last = SavedSearch.objects.order_by("-place").first()
            kept.place = last.place + 1 if last else 1
        kept.write()
        return kept

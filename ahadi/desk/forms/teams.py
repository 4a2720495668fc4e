"""Teams and who belongs to them."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ahadi.desk.forms.base import ModelForm
from ahadi.desk.forms.fields import TargetField
from ahadi.people.models import Agent, Team


class TeamForm(ModelForm[Team]):
    """A team; the members are chosen among the active agents."""

    class Meta:
        model = Team
        fields: tuple[str, ...] = ("name", "working_hours")
        labels: ClassVar = {"name": _("Name"), "working_hours": _("Working hours")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hours = self.fields["working_hours"]
        hours.empty_label = _("The company's")  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """Customers read the name: two teams may not differ by capitals alone."""
        name = str(self.cleaned_data["name"])
        if Team.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("There is already a team of that name."))
        return name


class MembersForm(TeamForm):
    """A team with its members, and whether it is closed to everybody else."""

    class Meta(TeamForm.Meta):
        fields = (*TeamForm.Meta.fields, "routing", "news_rhythm", "lead", "manager", "is_private")
        labels: ClassVar = {
            **TeamForm.Meta.labels,
            "routing": _("Who gets new tickets"),
            "lead": _("Hears of broken promises first"),
            "manager": _("Hears of them when they stay broken"),
            "is_private": _("Only members see its tickets, not even leads and administrators of others"),
        }

    members = forms.ModelMultipleChoiceField(
        label=_("Members"),
        queryset=Agent.objects.filter(is_active=True),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    routing = forms.ChoiceField(label=_("Who gets new tickets"), choices=Team.Routing.choices, required=False)
    news_rhythm = TargetField(
        label=_("News at least every"),
        required=False,
        help_text=_("Hours and minutes of working time. Empty: as the company."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        leads = Agent.objects.filter(is_active=True, role__in=(Agent.Role.LEAD, Agent.Role.ADMIN))
        for name in ("lead", "manager"):
            self.fields[name].queryset = leads  # type: ignore[attr-defined]
            self.fields[name].empty_label = _("Whoever has the role")  # type: ignore[attr-defined]
        self.initial.setdefault("members", list(self.instance.agents.values_list("pk", flat=True)))

    def save(self, commit: bool = True) -> Team:
        team = super().save(commit)
        # Who is not active is not on offer and stays what they were.
        away = team.agents.filter(is_active=False)
        team.agents.set([*self.cleaned_data["members"], *away])
        return team

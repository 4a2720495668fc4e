"""Agents: whom to invite, and what they may do."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ahadi.desk.forms.base import ModelForm
from ahadi.people.models import Agent, Company, Team

ROLES = _(
    "Agents see the tickets of their teams. Team leads see every ticket and the quarantine. "
    "Administrators change the settings too."
)


class InvitationForm(ModelForm[Agent]):
    """Somebody new: their name, address, role and teams."""

    teams = forms.ModelMultipleChoiceField(
        label=_("Teams"), queryset=Team.objects.all(), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Agent
        fields: tuple[str, ...] = ("name", "email", "role", "language", "teams")
        labels: ClassVar = {
            "name": _("Name"),
            "email": _("Mail address"),
            "role": _("Role"),
            "language": _("Language"),
        }
        help_texts: ClassVar = {"name": _("Customers see the first name only."), "role": ROLES}

    def clean_email(self) -> str:
        """One account for an address, however it is written."""
        email = str(self.cleaned_data["email"]).lower()
        if Agent.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Somebody with this address is an agent already."))
        return email

    def invite(self, company: Company) -> Agent:
        """The new agent, who has no password until they choose one."""
        agent = self.save(commit=False)
        agent.time_zone = company.time_zone
        agent.set_unusable_password()
        agent.save()
        self.save_m2m()
        return agent


class AgentForm(InvitationForm):
    """Somebody who is here: what they speak and know, how much they can do, and whether they still are."""

    languages = forms.MultipleChoiceField(
        label=_("Speaks"),
        choices=settings.LANGUAGES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    skills = forms.CharField(
        label=_("Knows about"),
        required=False,
        max_length=400,
        help_text=_("Tags with commas between them; such tickets come here first."),
    )
    capacity = forms.IntegerField(
        label=_("Most open tickets at a time"),
        min_value=0,
        max_value=10_000,
        required=False,
        help_text=_("Whoever has this many is given no more by itself. 0 means no limit."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["skills"] = ", ".join(self.instance.skills)

    def clean_skills(self) -> list[str]:
        """The tags, each once."""
        words = str(self.cleaned_data["skills"]).replace("،", ",").split(",")
        return list(dict.fromkeys(" ".join(word.split()) for word in words if word.strip()))

    def clean_capacity(self) -> int:
        """Nothing typed is no limit."""
        return self.cleaned_data["capacity"] or 0

    class Meta(InvitationForm.Meta):
        fields = ("name", "email", "role", "teams", "languages", "skills", "capacity", "is_active")
        labels: ClassVar = {**InvitationForm.Meta.labels, "is_active": _("Active")}
        help_texts: ClassVar = {
            **InvitationForm.Meta.help_texts,
            "is_active": _(
                "Who is not active is signed out at once and cannot come back; their open tickets return "
                "to their teams, and all they wrote stays."
            ),
        }

    def clean(self) -> dict[str, Any]:
        """There is always somebody left who can change the settings."""
        cleaned = super().clean() or self.cleaned_data
        stays = cleaned.get("is_active") and cleaned.get("role") == Agent.Role.ADMIN
        others = Agent.objects.filter(role=Agent.Role.ADMIN, is_active=True).exclude(pk=self.instance.pk)
        if not self.errors and not stays and not others.exists():
            self.add_error("role", _("Nobody else is an active administrator: make somebody else one first."))
        return cleaned

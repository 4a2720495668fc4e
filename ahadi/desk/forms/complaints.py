"""What management fills in to handle a complaint, and what an administrator decides about all of them."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ahadi.complaints import handling
from ahadi.complaints.models import Complaint, Rules
from ahadi.desk.forms.base import ModelForm
from ahadi.people.models import Agent, Team


def _letter(label: Any, hint: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
        error_messages={"required": _("Write the letter first; the customer reads exactly this.")},
    )


class HandlerForm(forms.Form):
    """Somebody of management whom the complaint is not about."""

    handler = forms.ModelChoiceField(
        label=_("Who handles it"), queryset=Agent.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, complaint: Complaint, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["handler"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = handling.eligible(complaint)
            field.initial = complaint.handler_id


class ExclusionForm(forms.Form):
    """Somebody whom the complaint turns out to be about."""

    person = forms.ModelChoiceField(label=_("Keep out of it"), queryset=Agent.objects.none(), empty_label="")

    def __init__(self, *args: Any, complaint: Complaint, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        if isinstance(field, forms.ModelChoiceField):
            others = Agent.objects.filter(is_active=True).exclude(pk__in=complaint.ticket.barred.values("pk"))
            field.queryset = others


class HoldingForm(forms.Form):
    """Why it takes longer."""

    letter = _letter(_("Letter"), _("Say what is still missing and what happens until then."))


class DecisionForm(forms.Form):
    """What management decides, and why."""

    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=Complaint.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is decided.")},
    )
    letter = _letter(
        _("Letter"),
        _("What was found, what follows from it, by when. Where to turn next is added by itself."),
    )


class RulesForm(ModelForm[Rules]):
    """How complaints are counted and who is management."""

    class Meta:
        model = Rules
        fields = ("profile", "years", "team", "elsewhere", "letterhead")
        labels: ClassVar = {
            "profile": _("Deadlines"),
            "years": _("Years of the register"),
            "team": _("Management"),
            "elsewhere": _("Where customers may turn when they disagree"),
            "letterhead": _("Postal address"),
        }
        help_texts: ClassVar = {
            "profile": _(
                "Complaints that were taken in keep the deadlines they had. Check the law in force."
            ),
            "team": _("A private team: nobody else sees a complaint, not even administrators."),
            "elsewhere": _("Empty: what the profile says. It stands under every decision."),
            "letterhead": _("It stands on the stamped copies."),
        }
        widgets: ClassVar = {
            "elsewhere": forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
            "letterhead": forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        team = self.fields["team"]
        if isinstance(team, forms.ModelChoiceField):
            team.queryset = Team.objects.filter(is_private=True)
            team.empty_label, team.required = str(_("The administrators")), False

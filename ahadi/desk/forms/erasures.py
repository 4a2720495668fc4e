"""What is asked before somebody is forgotten, and how long things are kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ahadi.desk.forms.base import ModelForm
from ahadi.people.models import Agent
from ahadi.tickets import retention
from ahadi.tickets.models import Erasure, Hold, Retention


class ErasureForm(ModelForm[Erasure]):
    """Why a person is to be forgotten."""

    class Meta:
        model = Erasure
        fields = ("reason", "note")
        help_texts = {"note": _("The number of the letter or the day; it stays, so name nobody here.")}


class HoldForm(ModelForm[Hold]):
    """Why nothing about a person may be destroyed."""

    class Meta:
        model = Hold
        fields = ("reason",)
        help_texts = {"reason": _("Which claim or which court, in a few words.")}


class TermsForm(forms.Form):
    """Days for each kind; empty is without a term."""

    def __init__(self, given: Any = None) -> None:
        super().__init__(given, initial=dict(Retention.objects.values_list("kind", "days")))
        for code, kind in retention.kinds():
            self.fields[code] = forms.IntegerField(
                label=str(kind.label), required=False, min_value=retention.SHORTEST, max_value=36_500
            )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for code, _kind in retention.kinds():
            if code == "solved" and given.get(code) and given[code] < 30:
                raise ValidationError({code: _("Customers come back to what was solved: at least 30 days.")})
        return given

    def counts(self) -> dict[str, int]:
        """How many of each kind would go now."""
        return {code: retention.would_go(code, days) for code, days in self.cleaned_data.items() if days}

    def keep(self, by: Agent) -> None:
        """Let these terms count from tonight."""
        for code, days in self.cleaned_data.items():
            if days:
                Retention.objects.update_or_create(kind=code, defaults={"days": days, "set_by": by})
            else:
                Retention.objects.filter(kind=code).delete()

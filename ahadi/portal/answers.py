"""What customers fill in when they answer us: a correction, or words beside "still not solved"."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ahadi.tickets import hearing


def _part(**named: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(max_length=hearing.LONGEST, required=False, widget=widget, **named)


class CorrectionForm(forms.Form):
    """The four parts in the customer's own words."""

    situation = _part(label=_("Situation"))
    problem = _part(label=_("Problem"))
    wish = _part(label=_("Your wish"))
    tried = _part(label=_("What you have tried"))

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if not any(words.strip() for words in cleaned.values()):
            raise ValidationError(_("Write a word or two, then send."))
        return cleaned


class SolutionForm(forms.Form):
    """Whether it works, and what is still wrong."""

    works = forms.BooleanField(required=False)
    text = forms.CharField(
        label=_("What is still wrong?"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_text(self) -> str:
        return str(self.cleaned_data["text"]).strip()

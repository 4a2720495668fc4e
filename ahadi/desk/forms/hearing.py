"""What an agent writes down of what a customer said."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ahadi.tickets import hearing


def _part(**named: Any) -> forms.CharField:
    return forms.CharField(max_length=hearing.LONGEST, required=False, **named)


def _place() -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)


class StatementForm(forms.Form):
    """The four parts, each with the entry its words were taken from."""

    situation = _part(label=_("Situation"))
    problem = _part(label=_("Problem"))
    wish = _part(label=_("Wish"))
    tried = _part(label=_("Already tried"))
    situation_from = _place()
    problem_from = _place()
    wish_from = _place()
    tried_from = _place()
    ask = forms.BooleanField(required=False)

    @property
    def parts(self) -> dict[str, str]:
        """The words of the parts."""
        return {part: self.cleaned_data[part] for part in hearing.PARTS}

    @property
    def sources(self) -> dict[str, int]:
        """The entries they were taken from, where somebody chose them there."""
        places = {part: self.cleaned_data[f"{part}_from"] for part in hearing.PARTS}
        return {part: seq for part, seq in places.items() if seq}


class DraftForm(forms.Form):
    """An answer that is still being written."""

    text = forms.CharField(required=False, max_length=100_000)

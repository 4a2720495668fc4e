"""What a planner types: how many ask, how long one takes, and how quickly somebody should answer."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from ahadi.lib.erlang import Load


class StaffingForm(forms.Form):
    """Contacts of an hour and the aim."""

    contacts = forms.FloatField(label=_("Contacts in an hour"), min_value=0.1, max_value=100_000, initial=20)
    handling = forms.FloatField(label=_("Minutes that one takes"), min_value=0.1, max_value=600, initial=5)
    share = forms.FloatField(label=_("Answered in time, out of 100"), min_value=1, max_value=99.9, initial=80)
    within = forms.FloatField(
        label=_("In time means within so many minutes"), min_value=0, max_value=600, initial=3
    )

    @property
    def load(self) -> Load:
        """What was typed, for the arithmetic."""
        given = self.cleaned_data
        return Load(given["contacts"], 3600, given["handling"] * 60)

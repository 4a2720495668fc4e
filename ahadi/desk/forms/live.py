"""What a page says by itself while it is open."""

from __future__ import annotations

from typing import ClassVar

from django import forms

from ahadi.desk.forms.ticket import LONGEST
from ahadi.desk.models import Sketch


class PresenceForm(forms.Form):
    """Which tab shows which ticket, and whether somebody writes there."""

    STATES = (("looking", "looking"), ("writing", "writing"), ("gone", "gone"))

    number = forms.RegexField(r"^[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}$")
    state = forms.ChoiceField(choices=STATES)
    tab = forms.RegexField(r"^[0-9a-z]{1,16}$")


class SketchForm(forms.Form):
    """The editor as it is now; nothing of it has to be right yet."""

    # What stands beside the words: the next step, its time, how to send, and words with their looks.
    BESIDE: ClassVar = ("step", "due", "html")

    kind = forms.ChoiceField(choices=Sketch.Kind.choices)
    text = forms.CharField(max_length=LONGEST, required=False, strip=False)
    version = forms.IntegerField(min_value=0, max_value=2**31 - 2, required=False)
    step = forms.CharField(max_length=250, required=False)
    due = forms.CharField(max_length=32, required=False)
    html = forms.CharField(max_length=4 * LONGEST, required=False)

    @property
    def beside(self) -> dict[str, str]:
        """The other fields, as far as something stands in them."""
        return {name: self.cleaned_data[name] for name in self.BESIDE if self.cleaned_data[name]}

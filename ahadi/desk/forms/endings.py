"""What agents fill in to warn, and what a lead finds who looks at the end of a talk again."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from ahadi.complaints.models import Ending

KEEP, LIFT = "keep", "lift"


class WarningForm(forms.Form):
    """Why, and what happened, for the lead who may look at it later."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=Ending.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the reason; the letter names it.")},
    )
    account = forms.CharField(
        label=_("What happened"),
        help_text=_("For the lead who looks at it again. The customer does not see it."),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        error_messages={"required": _("Say what happened; a lead reads it.")},
    )


class ReviewForm(forms.Form):
    """A lead's finding."""

    finding = forms.CharField(
        label=_("What you found"),
        help_text=_("For your colleagues. The customer gets one of the two letters."),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        error_messages={"required": _("Say what you found.")},
    )
    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[(KEEP, _("The end was right; it stays")), (LIFT, _("The talk goes on"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is decided.")},
    )

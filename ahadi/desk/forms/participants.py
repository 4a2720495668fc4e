"""Who takes part in a ticket."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ParticipantForm(forms.Form):
    """A mail address, typed or proposed; `passed` says that a proposal is not wanted."""

    email = forms.EmailField(
        label=_("Mail address"),
        max_length=254,
        error_messages={
            "required": _("Write a mail address."),
            "invalid": _("This is not a mail address; it looks like name@example.com."),
        },
    )
    passed = forms.BooleanField(required=False)

"""What administrators type about telephone lines, and agents about their own telephone."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from ahadi.channels.models import PhoneLine
from ahadi.channels.phone import numbers
from ahadi.desk.forms.base import ModelForm

STARTS_CALLS = (PhoneLine.Kind.TWILIO, PhoneLine.Kind.ASTERISK)


class LineForm(ModelForm[PhoneLine]):
    """One telephone system."""

    secret = forms.CharField(
        label=_("Secret"),
        help_text=_("Twilio's token, the password of ARI, or what your system signs with. Empty keeps it."),
        required=False,
        max_length=400,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )

    class Meta:
        model = PhoneLine
        fields: ClassVar = [
            *("name", "kind", "team", "number", "url", "account", "application"),
            *("announces_recording", "is_active"),
        ]
        help_texts: ClassVar = {
            "number": _("What those who are called see."),
            "url": _("Of Asterisk, such as http://pbx.example:8088. Twilio's is known."),
            "account": _("Twilio's account, or the user of ARI."),
            "application": _("For Asterisk: the context in which its dial plan dials out."),
            "announces_recording": _("Without it, and without a yes of the customer, no recording is kept."),
        }

    def clean_number(self) -> str:
        given = str(self.cleaned_data["number"]).strip()
        try:
            return numbers.read(given) if given else ""
        except numbers.Impossible:
            raise forms.ValidationError(
                __("This is no whole number. Write it with the country code.")
            ) from None

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        kind = given.get("kind")
        if kind in STARTS_CALLS and not (given.get("secret") or self.instance.sealed_secret):
            self.add_error("secret", __("Without its secret this system cannot be believed."))
        if kind == PhoneLine.Kind.ASTERISK and not given.get("url"):
            self.add_error("url", __("Where is this Asterisk?"))
        return given


class ExtensionForm(forms.Form):
    """The telephone on an agent's own table."""

    extension = forms.RegexField(
        r"^(\+?[0-9]{1,18}|[A-Za-z]+/[A-Za-z0-9._-]{1,40})$",
        label=_("Your own telephone"),
        help_text=_("Its number, or a name such as PJSIP/100. When you start a call, it rings first."),
        required=False,
        max_length=60,
        error_messages={"invalid": _("Write a number, or a name such as PJSIP/100.")},
    )

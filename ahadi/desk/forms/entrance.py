"""The rules of signing in."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ahadi.desk.forms.base import ModelForm
from ahadi.lib.hosts import is_here
from ahadi.people.entrance import Entrance
from ahadi.people.models import Agent


class EntranceForm(ModelForm[Entrance]):
    """Who needs a second factor, and the company's own sign-in; its secret is written and never shown."""

    required = forms.MultipleChoiceField(
        label=_("A second factor is needed by"),
        help_text=_("Whoever has none is led to the page where they choose one when they sign in next."),
        choices=Agent.Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    secret = forms.CharField(
        label=_("Client secret"),
        help_text=_("It is kept sealed and never shown again. Leave it empty to keep the one there is."),
        required=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    class Meta:
        model = Entrance
        fields = ("required", "name", "issuer", "client_id")
        labels: ClassVar = {
            "name": _("Name on the button"),
            "issuer": _("Address of the provider (issuer)"),
            "client_id": _("Client identifier"),
        }
        help_texts: ClassVar = {
            "name": _("For example the name of your company's account."),
            "issuer": _("Empty for no company account. The provider must support OpenID Connect."),
        }

    def clean_issuer(self) -> str:
        """Over https, except on this machine."""
        issuer = str(self.cleaned_data["issuer"]).rstrip("/")
        parts = urlsplit(issuer)
        if issuer and parts.scheme != "https" and not is_here(parts.hostname or ""):
            raise ValidationError(_("The address must begin with https://."))
        return issuer

    def clean(self) -> dict[str, Any]:
        """A provider is complete, or it is not there; a secret belongs to one provider alone."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("issuer"):
            if not cleaned.get("client_id"):
                self.add_error("client_id", _("The provider gave you an identifier: write it here."))
            is_other = {"issuer", "client_id"} & set(self.changed_data)
            if not cleaned.get("secret") and (is_other or not self.instance.secret):
                self.add_error("secret", _("The provider gave you a secret: write it here."))
        return cleaned

    def save(self, commit: bool = True) -> Entrance:
        if self.cleaned_data["secret"]:
            self.instance.keep_secret(self.cleaned_data["secret"])
        if not self.cleaned_data["issuer"]:
            self.instance.secret = ""
        return super().save(commit)

"""Websites with the chat: where it may be shown, who answers, and the keys that say who a visitor is."""

from __future__ import annotations

import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ahadi.channels.chat import sites
from ahadi.channels.models import Site, SiteKey
from ahadi.desk.forms.base import ModelForm

MOST_ORIGINS = 30


class SiteForm(ModelForm[Site]):
    """One website."""

    places = forms.CharField(
        label=gettext_lazy("Addresses of the website"),
        help_text=gettext_lazy("One a line, such as https://shop.example or https://*.shop.example."),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr", "spellcheck": "false"}),
    )

    class Meta:
        model = Site
        fields = ("name", "team", "language", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["places"].initial = "\n".join(self.instance.origins)

    def clean_places(self) -> list[str]:
        """The origins as browsers write them."""
        found = []
        for line in str(self.cleaned_data["places"]).split():
            try:
                found.append(sites.normalise(line))
            except ValueError as error:
                said = _(
                    "“%(text)s” is not the address of a website: https:// and a name, nothing behind it."
                )
                raise forms.ValidationError(said % {"text": line}) from error
        if len(found) > MOST_ORIGINS:
            raise forms.ValidationError(_("These are too many addresses for one website."))
        return list(dict.fromkeys(found))

    def save(self, commit: bool = True) -> Site:
        """Keep it with its origins."""
        self.instance.origins = self.cleaned_data["places"]
        return super().save(commit)


class SiteKeyForm(forms.Form):
    """A key with which the website's server signs who its visitor is."""

    algorithm = forms.ChoiceField(label=gettext_lazy("Kind"), choices=SiteKey.Algorithm.choices)
    public = forms.CharField(
        label=gettext_lazy("Public key"),
        help_text=gettext_lazy(
            "For EdDSA only: the public half as PEM. Secrets of the other kinds are made here."
        ),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr", "spellcheck": "false", "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """Only a public Ed25519 key is taken, and never a private one."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("algorithm") != SiteKey.Algorithm.EDDSA:
            return given
        try:
            key = load_pem_public_key(str(given.get("public", "")).strip().encode())
        except ValueError:
            key = None
        if not isinstance(key, Ed25519PublicKey):
            self.add_error(
                "public", _("Paste the public half of an Ed25519 key, which begins with BEGIN PUBLIC KEY.")
            )
        return given

    def add_to(self, site: Site) -> tuple[SiteKey, str]:
        """The new key, and the secret to show this once."""
        key = SiteKey(site=site, algorithm=self.cleaned_data["algorithm"])
        is_public = key.algorithm == SiteKey.Algorithm.EDDSA
        secret = "" if is_public else secrets.token_urlsafe(32)
        key.secret = str(self.cleaned_data["public"]).strip() if is_public else secret
        key.save()
        return key, secret

"""Doors for mail providers that bring mails by HTTP."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from ahadi.channels.email import webhook
from ahadi.channels.models import Webhook
from ahadi.desk.views.access import AgentRequest, for_admins, secrets_page


class DoorForm(forms.Form):
    """Which provider brings mail, and the key with which it signs."""

    provider = forms.ChoiceField(
        label=gettext_lazy("Provider"),
        choices=[(code, provider.name) for code, provider in webhook.PROVIDERS.items()],
    )
    key = forms.CharField(
        label=gettext_lazy("Signing key"),
        help_text=gettext_lazy("Mailgun, Mandrill and Postal sign what they bring and show the key."),
        required=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )

    def clean(self) -> dict[str, str]:
        """A provider that signs is believed with its key alone."""
        given: dict[str, str] = super().clean() or self.cleaned_data
        code = given.get("provider", "")
        has_key = given.get("key") or Webhook.objects.filter(provider=code).exclude(sealed_key="").exists()
        if code and webhook.PROVIDERS[code].key and not has_key:
            self.add_error("key", _("This provider signs what it brings: copy the key from its pages."))
        return given


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
@secrets_page
def webhooks(request: AgentRequest) -> HttpResponse:
    """The address for each provider; POST makes one, or another secret for one that is there."""
    form = DoorForm(request.POST or None)
    if form.is_bound and form.is_valid():
        webhook.open_door(form.cleaned_data["provider"], form.cleaned_data["key"])
        messages.success(request, _("Copy the address below into the settings of the provider."))
        return redirect("desk:webhooks")
    doors = [
        {
            "name": webhook.PROVIDERS[hook.provider].name,
            "address": webhook.address_of(hook),
            "last": hook.last,
            "confirmation": hook.confirmation,
        }
        for hook in Webhook.objects.order_by("provider")
        if hook.provider in webhook.PROVIDERS
    ]
    context = {"form": form, "doors": doors}
    return render(request, "desk/settings/webhooks.html", context, status=422 if form.errors else 200)

"""Addresses at which the company is written to."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ahadi.channels.models import Inbox
from ahadi.desk.forms.base import ModelForm


class NewInboxForm(ModelForm[Inbox]):
    """An address, the team that answers there, and the language it is written to in."""

    class Meta:
        model = Inbox
        fields: Any = ("name", "address", "team", "language")
        labels: ClassVar = {
            "name": _("Name"),
            "address": _("Mail address"),
            "team": _("Team"),
            "language": _("Language"),
        }
        help_texts: ClassVar = {
            "name": _("Customers see it as the sender of your answers."),
            "team": _("What comes here belongs to this team until somebody takes it."),
            "language": _("Only when everybody who writes here uses the same one; else it is recognised."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = self.fields["language"]
        language.choices = [("", _("As it is written")), *language.choices[1:]]  # type: ignore[attr-defined]
        if self.fields["team"].queryset.count() == 1:  # type: ignore[attr-defined]
            self.fields["team"].empty_label = None  # type: ignore[attr-defined]

    def clean_address(self) -> str:
        """One inbox for an address; what stands behind a plus sign belongs to the answers."""
        address = str(self.cleaned_data["address"]).lower()
        if "+" in address:
            raise ValidationError(
                _("Leave out the plus sign and what follows it: mail to such addresses arrives here too.")
            )
        if Inbox.objects.filter(address__iexact=address).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("There is already an inbox with this address."))
        return address


class InboxForm(NewInboxForm):
    """An inbox that exists, which may also be closed."""

    class Meta(NewInboxForm.Meta):
        fields: Any = ("name", "address", "team", "language", "has_plus_addresses", "is_active")
        labels: ClassVar = {
            **NewInboxForm.Meta.labels,
            "has_plus_addresses": _("Answers come to addresses with a plus sign"),
            "is_active": _("Active"),
        }
        help_texts: ClassVar = {
            **NewInboxForm.Meta.help_texts,
            "has_plus_addresses": _(
                "Switch it off where your mail server refuses addresses such as help+code@…; "
                "answers are then recognised by their headers alone."
            ),
            "is_active": _(
                "Mail to an inbox that is not active is still taken in, but answers leave elsewhere."
            ),
        }

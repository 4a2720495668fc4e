"""What administrators believe about incoming mail."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from ahadi.channels.models import Inbox, Trust
from ahadi.desk.forms.base import ModelForm

_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9])?")


class TrustForm(ModelForm[Trust]):
    """Whose word counts, and for mail to which inbox."""

    class Meta:
        model = Trust
        fields: Any = ("kind", "value", "inbox")
        labels: ClassVar = {"kind": _("What you believe"), "value": _("Name or address"), "inbox": _("Inbox")}
        help_texts: ClassVar = {
            "value": _(
                "The name your mail server signs its checks with, the domain of the forwarder, or the mail"
                " address of the form. Nothing where mail comes straight from its sender."
            ),
            "inbox": _("Leave it empty where it holds for all of them."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].required = False
        inbox = self.fields["inbox"]
        if isinstance(inbox, forms.ModelChoiceField):
            inbox.queryset, inbox.empty_label = Inbox.objects.all(), str(_("All inboxes"))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        kind, value = given.get("kind"), str(given.get("value") or "").strip().lower()
        if kind == Trust.Kind.DIRECT:
            value = ""
        elif kind == Trust.Kind.FORM:
            self._check_address(value)
        elif kind and not _NAME.fullmatch(value):
            self.add_error("value", _("Write a name such as mx.example.com, without spaces."))
        given["value"] = value
        same = Trust.objects.filter(kind=kind, value=value, inbox=given.get("inbox"))
        if not self.errors and same.exists():
            self.add_error("value", _("This is believed already."))
        return given

    def _check_address(self, value: str) -> None:
        try:
            validate_email(value)
        except ValidationError:
            self.add_error("value", _("This is not a mail address; it looks like name@example.com."))

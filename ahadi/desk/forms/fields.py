"""Fields that several settings share: time zones, lengths of working time, phone numbers."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ahadi.people import identify
from ahadi.people.models import Address

LONGEST_HOURS = 1000


@cache
def zones() -> list[tuple[str, str]]:
    """The time zones named after places, and UTC."""
    regions = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    names = sorted(name for name in available_timezones() if name.startswith(regions))
    return [(name, name.replace("_", " ")) for name in ["UTC", *names]]


class TimeZoneField(forms.ChoiceField):
    """A time zone by the name of a place; one that is set already stays on offer."""

    default_error_messages = {"invalid_choice": _("There is no time zone of that name.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Time zone"))
        super().__init__(choices=zones, **kwargs)

    def valid_value(self, value: Any) -> bool:
        return value in available_timezones()


class WorkingTimeField(forms.CharField):
    """A length of working time, written 2:30 for two and a half hours."""

    default_error_messages = {
        "invalid": _("Write hours and minutes with a colon, for example 2:30."),
        "empty": _("This must be more than zero."),
    }

    def prepare_value(self, value: Any) -> Any:
        """A length as it is typed."""
        if not isinstance(value, timedelta):
            return value
        minutes = int(value.total_seconds()) // 60
        return f"{minutes // 60}:{minutes % 60:02}"

    def clean(self, value: Any) -> timedelta:
        text = super().clean(value).strip()
        match = re.fullmatch(r"(\d{1,4})(?::(\d{1,2}))?", text)
        if not match or int(match[2] or 0) > 59 or int(match[1]) > LONGEST_HOURS:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        length = timedelta(hours=int(match[1]), minutes=int(match[2] or 0))
        if not length:
            raise ValidationError(self.error_messages["empty"], code="empty")
        return length


class TargetField(WorkingTimeField):
    """A length of working time, or nothing."""

    def clean(self, value: Any) -> Any:
        return super().clean(value) if str(value or "").strip() else None


class PhoneField(forms.CharField):
    """A phone number with its country code, kept as it was written."""

    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "off"})
    default_error_messages = {
        "invalid": _("Write the number with its country code, for example +40 21 555 0199.")
    }

    def clean(self, value: Any) -> str:
        text = str(super().clean(value)).strip()
        if text:
            try:
                identify.normalise(Address.Kind.PHONE, text)
            except identify.Unreadable:
                raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        return text

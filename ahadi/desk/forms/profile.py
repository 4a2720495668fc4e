"""What agents say about themselves."""

from __future__ import annotations

from typing import Any, ClassVar

import puremagic
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from ahadi.desk.drafts import LONGEST_UNDO, undo
from ahadi.desk.forms.base import ModelForm
from ahadi.desk.forms.fields import TimeZoneField
from ahadi.lib import store
from ahadi.people.models import Agent

LARGEST_PICTURE = 2 * 1024 * 1024
PICTURES = {"image/png", "image/jpeg"}


def kind_of(content: bytes) -> str:
    """The type that the bytes themselves show, whatever their name says."""
    try:
        return str(puremagic.from_string(content, mime=True))
    except (puremagic.PureError, ValueError):
        return ""


class ProfileForm(ModelForm[Agent]):
    """Name, picture, languages and clock of one agent."""

    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_("A square PNG or JPEG of at most 2 MB. Customers see it beside your first name."),
        widget=forms.FileInput(attrs={"accept": "image/png, image/jpeg"}),
        error_messages={"empty": _("This file is empty: choose another one.")},
    )
    without_picture = forms.BooleanField(label=_("Take the picture away"), required=False)
    time_zone = TimeZoneField(help_text=_("All times are shown on this clock."))
    languages = forms.MultipleChoiceField(
        label=_("Languages you answer in"),
        choices=settings.LANGUAGES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    undo = forms.IntegerField(
        label=_("Seconds in which an answer can be taken back"),
        help_text=_("From 0 to 30. Until they are over nothing has left, and Undo brings everything back."),
        min_value=0,
        max_value=LONGEST_UNDO,
        required=False,
    )

    class Meta:
        model = Agent
        fields = ("name", "language", "time_zone", "languages")
        labels: ClassVar = {"name": _("Name"), "language": _("Language of the desk")}
        help_texts: ClassVar = {"name": _("Customers see the first name only.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["undo"] = undo(self.instance).seconds

    def clean_picture(self) -> bytes | None:
        """The bytes of the picture, which must be one by its content."""
        file: UploadedFile[bytes] | None = self.cleaned_data["picture"]
        if file is None:
            return None
        content: bytes = file.read(LARGEST_PICTURE + 1)
        if len(content) > LARGEST_PICTURE or kind_of(content) not in PICTURES:
            raise ValidationError(_("Choose a PNG or JPEG picture of at most 2 MB."))
        return content

    def save(self, commit: bool = True) -> Agent:
        cleaned: dict[str, Any] = self.cleaned_data
        if cleaned["picture"]:
            self.instance.photo = store.put(cleaned["picture"])
        elif cleaned["without_picture"]:
            self.instance.photo = ""
        if cleaned["undo"] is not None:
            self.instance.preferences = {**self.instance.preferences, "undo": cleaned["undo"]}
        return super().save(commit)

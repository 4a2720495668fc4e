"""How the company's mails look."""

from __future__ import annotations

import re
from typing import Any

import puremagic
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ahadi.channels.models import Letterhead
from ahadi.channels.models.letterhead import LEAST_CONTRAST, contrast_with_white
from ahadi.lib import store

LARGEST_LOGO = 200 * 1024
LOGOS = {"image/png", "image/jpeg", "image/webp"}


class LetterheadForm(forms.Form):
    """A colour, a logo, and a foot in each language."""

    color = forms.CharField(
        label=_("Colour"),
        widget=forms.TextInput(attrs={"type": "color"}),
        help_text=_("Behind the promise, where white text must stay readable, and on links."),
    )
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("PNG, JPEG or WebP; a small file that loads fast."),
    )
    no_logo = forms.BooleanField(label=_("Show the company's name instead of a logo"), required=False)

    def __init__(self, head: Letterhead, data: Any = None, files: Any = None) -> None:
        initial = {"color": head.color, **{f"footer_{code}": text for code, text in head.footers.items()}}
        super().__init__(data, files, initial=initial)
        self.head = head
        for code, name in settings.LANGUAGES:
            widget = forms.Textarea(attrs={"rows": 2, "lang": code, "dir": "auto"})
            self.fields[f"footer_{code}"] = forms.CharField(
                label=name, required=False, max_length=500, widget=widget
            )

    @property
    def footers(self) -> list[forms.BoundField]:
        """The fields of the foot, one for each language."""
        return [self[f"footer_{code}"] for code, _name in settings.LANGUAGES]

    def clean_color(self) -> str:
        color = str(self.cleaned_data["color"]).strip().upper()
        if not re.fullmatch(r"#[0-9A-F]{6}", color):
            raise ValidationError(_("Write the colour as # and six digits, such as #0E7480."))
        if contrast_with_white(color) < LEAST_CONTRAST:
            raise ValidationError(_("White text cannot be read on this colour. Choose a darker one."))
        return color

    def clean_logo(self) -> tuple[bytes, str] | None:
        uploaded = self.cleaned_data["logo"]
        if not uploaded:
            return None
        if uploaded.size > LARGEST_LOGO:
            raise ValidationError(_("The logo is larger than 200 kB. Make it smaller."))
        content = uploaded.read()
        kind = _kind(content)
        if kind not in LOGOS:
            raise ValidationError(_("This file is no PNG, JPEG or WebP picture."))
        return content, kind

    def save(self) -> Letterhead:
        """Keep what was chosen."""
        given, head = self.cleaned_data, self.head
        head.color = given["color"]
        head.footers = {code: text for code, _name in settings.LANGUAGES if (text := given[f"footer_{code}"])}
        if given["no_logo"]:
            head.logo = head.logo_type = ""
        if given["logo"]:
            content, head.logo_type = given["logo"]
            head.logo = store.put(content)
        head.save()
        return head


def _kind(content: bytes) -> str:
    # By its content: a name and a type from a browser prove nothing.
    try:
        return str(puremagic.from_string(content, mime=True))
    except (puremagic.PureError, ValueError):
        return ""

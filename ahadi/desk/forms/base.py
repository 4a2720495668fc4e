"""Django's form of a model, which cannot be given its model at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms

if TYPE_CHECKING:
    from django.forms import ModelForm
else:

    class ModelForm(forms.ModelForm):
        """The same form for every model."""

        def __class_getitem__(cls, model: type) -> type:
            return cls


__all__ = ["ModelForm"]

"""Fields of a company's own, and its tags."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from ahadi.desk.forms.base import ModelForm
from ahadi.tickets.models import Field, Tag

MOST_CHOICES = 100


class FieldForm(ModelForm[Field]):
    """What the company wants to know; kind and code stay, because values and searches hang on them."""

    class Meta:
        model = Field
        fields = ("name", "kind", "team", "is_required", "is_active")
        labels: ClassVar = {
            "name": _("Name"),
            "kind": _("Kind"),
            "team": _("For the tickets of"),
            "is_required": _("Needed before a ticket is solved"),
            "is_active": _("In use"),
        }

    choices = forms.CharField(
        label=_("Choices"),
        help_text=_("One on each line."),
        required=False,
        max_length=6_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].empty_label = _("All teams")  # type: ignore[attr-defined]
        self.initial.setdefault("choices", "\n".join(self.instance.choices))
        self.fields["kind"].disabled = self.instance.pk is not None

    def clean_choices(self) -> list[str]:
        lines = (" ".join(line.split()) for line in self.cleaned_data["choices"].splitlines())
        found = list(dict.fromkeys(line for line in lines if line))
        if any(len(line) > 100 for line in found) or len(found) > MOST_CHOICES:
            raise ValidationError(_("At most a hundred choices of at most a hundred letters each."))
        return found

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if (
            given.get("kind") == Field.Kind.CHOICE
            and not given.get("choices")
            and "choices" not in self.errors
        ):
            self.add_error("choices", _("Write what can be chosen."))
        return given

    def save(self, commit: bool = True) -> Field:
        field: Field = self.instance
        field.choices = self.cleaned_data["choices"]
        if field.pk is None:
            field.code = free_code(field.name)
            field.place = Field.objects.count()
        return super().save(commit)


class TagForm(ModelForm[Tag]):
    """A tag with its colour."""

    class Meta:
        model = Tag
        fields = ("name", "color")
        labels: ClassVar = {"name": _("Name"), "color": _("Colour")}

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).replace(",", " ").replace("،", " ").split())
        if not name:
            raise ValidationError(_("A tag needs a name."))
        if Tag.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("There is already a tag of that name."))
        return name


def free_code(name: str) -> str:
    """A code nobody uses, made of the name's letters where it has Latin ones."""
    base = slugify(name)[:32] or "field"
    taken = set(Field.objects.filter(code__startswith=base).values_list("code", flat=True))
    if base not in taken:
        return base
    return next(code for number in range(2, 10_000) if (code := f"{base}-{number}") not in taken)

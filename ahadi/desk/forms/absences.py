"""When somebody is away, and who stands in."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ahadi.desk.forms.base import ModelForm
from ahadi.desk.forms.ticket import LOCAL
from ahadi.lib import clock
from ahadi.people.models import Agent
from ahadi.routing.models import Absence

FORMATS = [LOCAL, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]


def _moment() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)


class AbsenceForm(ModelForm[Absence]):
    """An absence; agents write their own, leads everybody's."""

    begins = forms.DateTimeField(label=_("From"), input_formats=FORMATS, widget=_moment())
    ends = forms.DateTimeField(label=_("Until"), input_formats=FORMATS, widget=_moment())

    class Meta:
        model = Absence
        fields = ("agent", "begins", "ends", "substitute")
        labels: ClassVar = {"agent": _("Who"), "substitute": _("Stands in")}

    def __init__(self, *args: Any, by: Agent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        active = Agent.objects.filter(is_active=True)
        who, substitute = self.fields["agent"], self.fields["substitute"]
        who.queryset = active if by.sees_everything else active.filter(pk=by.pk)  # type: ignore[attr-defined]
        who.initial = by.pk
        substitute.queryset = active  # type: ignore[attr-defined]
        substitute.required = False
        substitute.empty_label = _("The team together")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        begins, ends = given.get("begins"), given.get("ends")
        if ends and ends <= clock.now():
            self.add_error("ends", _("This time has passed; choose one that lies ahead."))
        elif begins and ends and ends <= begins:
            self.add_error("ends", _("An absence ends after it begins."))
        if given.get("agent") and given.get("agent") == given.get("substitute"):
            self.add_error("substitute", _("Somebody who is away cannot stand in for themselves."))
        return given

    def _post_clean(self) -> None:
        # What the model's own checks would say was said above, beside its place.
        self._validate_unique = False
        self.instance = forms.models.construct_instance(self, self.instance, self._meta.fields)

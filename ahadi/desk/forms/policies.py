"""What a policy asks of a ticket and what it promises to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ahadi.calendars import CalendarError
from ahadi.desk.forms.base import ModelForm
from ahadi.desk.forms.fields import TargetField
from ahadi.lib import clock
from ahadi.people.models import Address, Agent, Company, Organization, Team
from ahadi.promises.models import Policy
from ahadi.tickets.models import Ticket

CHANNELS = [("email", _("Mail")), ("form", _("Web form")), ("phone", _("Phone")), ("chat", _("Chat"))]
HELP = _("Hours and minutes of working time, for example 4:00. Empty: nothing is measured.")


class PolicyForm(ModelForm[Policy]):
    """A policy: its name and place, which tickets it is for, and its four targets."""

    first = TargetField(label=Policy.Metric.FIRST.label, required=False, help_text=HELP)
    next = TargetField(
        label=Policy.Metric.NEXT.label,
        required=False,
        help_text=_("Counted from the oldest message that nobody has answered."),
    )
    update = TargetField(
        label=Policy.Metric.UPDATE.label,
        required=False,
        help_text=_("The longest time between two answers of ours while the ticket is open."),
    )
    solution = TargetField(
        label=Policy.Metric.SOLUTION.label,
        required=False,
        help_text=_("It rests while the customer owes us an answer, for five working days at most."),
    )
    team = forms.ModelMultipleChoiceField(
        label=_("Teams"), queryset=Team.objects.all(), required=False, widget=forms.CheckboxSelectMultiple
    )
    priority = forms.TypedMultipleChoiceField(
        label=_("Priority"),
        choices=Ticket.Priority.choices,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    language = forms.MultipleChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    channel = forms.MultipleChoiceField(
        label=_("Channel"), choices=CHANNELS, required=False, widget=forms.CheckboxSelectMultiple
    )
    organization = forms.ModelMultipleChoiceField(
        label=_("Organisations"),
        queryset=Organization.objects.order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    customer = forms.CharField(
        label=_("Customers"),
        required=False,
        max_length=2_000,
        help_text=_("Their mail addresses, separated by commas."),
    )

    class Meta:
        model = Policy
        fields = ("name", "place", "working_hours", "first", "next", "update", "solution")
        labels: ClassVar = {"name": _("Name"), "place": _("Order"), "working_hours": _("Counted in")}
        help_texts: ClassVar = {"place": _("The first policy that fits a ticket counts.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hours = self.fields["working_hours"]
        hours.empty_label = _("The hours of the customer, else of the team")  # type: ignore[attr-defined]
        hours.required = False
        for name, wanted in self.instance.conditions.items():
            self.initial.setdefault(name, _shown(wanted) if name == "customer" else wanted)

    def clean_customer(self) -> list[int]:
        """The customers behind the addresses; one that nobody knows is named."""
        words = str(self.cleaned_data["customer"]).replace("،", ",").split(",")
        wanted = [word.strip().lower() for word in words if word.strip()]
        known = dict(Address.objects.filter(value__in=wanted).values_list("value", "customer"))
        if unknown := [word for word in wanted if word not in known]:
            raise ValidationError(
                _("No customer has the address %(address)s."), params={"address": unknown[0]}
            )
        return sorted(set(known.values()))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        targets = {name: given.get(name) for name in Policy.Metric.values}
        if not any(targets.values()) and not self.errors:
            self.add_error("first", _("Give at least one target: a policy without any measures nothing."))
        self._check_order(targets)
        self._check_hours(given, targets)
        if not self.errors:
            self._check_reach(given)
        return given

    def save_as(self, by: Agent) -> Policy:
        """The policy as it holds from now on."""
        given = self.cleaned_data
        changes = {name: given[name] for name in self.Meta.fields}
        changes["conditions"] = self._conditions(given)
        if self.instance.pk:
            return self.instance.replace(by=by, **changes)
        return Policy.objects.create(**changes, by=by)

    def _conditions(self, given: dict[str, Any]) -> dict[str, Any]:
        found = {
            "team": [team.pk for team in given["team"]],
            "organization": [organization.pk for organization in given["organization"]],
            **{name: list(given[name]) for name in ("priority", "language", "channel", "customer")},
        }
        return {name: wanted for name, wanted in found.items() if wanted}

    def _check_order(self, targets: dict[str, timedelta | None]) -> None:
        first, solution = targets["first"], targets["solution"]
        if first and solution and solution < first:
            said = _("The solution would be due before the first answer: no ticket could keep both.")
            self.add_error("solution", said)

    def _check_hours(self, given: dict[str, Any], targets: dict[str, timedelta | None]) -> None:
        hours = given.get("working_hours") or Company.current().working_hours
        longest = max((target for target in targets.values() if target), default=None)
        if longest is None:
            return
        try:
            hours.calendar.add(clock.now(), longest.total_seconds())
        except CalendarError:
            said = _("In these hours there is never so much time again: no ticket could keep this.")
            self.add_error("working_hours", said)

    def _check_reach(self, given: dict[str, Any]) -> None:
        """A policy behind one that takes every ticket would never count."""
        earlier = Policy.objects.standing().exclude(key=self.instance.key).filter(place__lte=given["place"])
        before = next((policy for policy in earlier if not policy.conditions), None)
        # Among equals the older one comes first, and what is changed becomes the youngest.
        if before is not None:
            said = _("“%(name)s” stands before it and takes every ticket: give this one a smaller number.")
            self.add_error("place", ValidationError(said, params={"name": before.name}))


def _shown(customers: list[int]) -> str:
    found = Address.objects.filter(customer__in=customers, kind=Address.Kind.EMAIL).order_by("pk")
    first: dict[int, str] = {}
    for key, value in found.values_list("customer", "value"):
        first.setdefault(key, value)
    return ", ".join(first.values())

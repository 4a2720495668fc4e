"""What is to happen to many tickets at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ahadi.desk.forms.ticket import AssignmentForm, MomentField, TagsForm
from ahadi.desk.forms.work import find_ticket
from ahadi.people.models import Agent
from ahadi.tickets.models import Ticket

# So many codes fit into one form by hand; a whole list goes by its search.
MOST_BY_HAND = 500


class BatchForm(AssignmentForm, TagsForm):
    """Only what is filled in happens; the tickets are codes with commas, or the whole list of a search."""

    owner = forms.RegexField(r"^(agent|team):[0-9]{1,9}$|^nobody$", label=_("Owner"), required=False)
    sentence = forms.CharField(label=_("Why they are handed over"), max_length=1_000, required=False)
    priority = forms.TypedChoiceField(
        label=_("Priority"), choices=Ticket.Priority.choices, coerce=int, required=False, empty_value=None
    )
    status = forms.ChoiceField(label=_("State"), choices=Ticket.Status.choices, required=False)
    until = MomentField(label=_("Snooze until"), required=False)
    into = forms.CharField(label=_("Merge into"), max_length=40, required=False)
    numbers = forms.CharField(max_length=15 * MOST_BY_HAND, required=False)
    whole = forms.BooleanField(required=False)
    search = forms.CharField(max_length=40, required=False)
    q = forms.CharField(max_length=2_000, required=False)

    # Who asks: only what they may see can be merged into.
    agent: Agent

    def clean_into(self) -> str:
        typed = str(self.cleaned_data["into"]).strip()
        return find_ticket(self.agent, typed).number if typed else ""

    def clean_owner(self) -> Any:
        return super().clean_owner() if self.cleaned_data["owner"] else None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not self.acts:
            self.add_error(None, _("Choose what is to happen to them."))
        return given

    @property
    def acts(self) -> dict[str, Any]:
        """What is to happen, as codes."""
        given = self.cleaned_data
        until = given.get("until")
        acts = {
            "owner": str(self.data.get("owner", "")),
            "sentence": given.get("sentence", "").strip() if self.data.get("owner") else "",
            "tags": given.get("tags"),
            "priority": given.get("priority"),
            "status": given.get("status"),
            "snooze": until.isoformat() if until else "",
            "merge": given.get("into"),
        }
        return {name: act for name, act in acts.items() if act}

"""What somebody wants to be told about."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ahadi.notices import wishes
from ahadi.notices.models import Notice
from ahadi.people.models import Agent

WAYS = (
    (wishes.DESK, _("Here")),
    (wishes.DESKTOP, _("Desktop")),
    (wishes.PUSH, _("Push")),
    (wishes.MAIL, _("Mail")),
)


class NoticesForm(forms.Form):
    """A box for each event and way, and the wish to be left in peace."""

    quiet = forms.BooleanField(
        label=_("Leave me in peace outside my working time"),
        help_text=_("Mails, pushes and windows wait until your team is there again."),
        required=False,
    )

    def __init__(self, agent: Agent, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agent = agent
        self.initial["quiet"] = wishes.keeps_quiet(agent)
        for reason in Notice.Reason:
            self.fields[reason.value] = forms.MultipleChoiceField(
                label=reason.label,
                choices=WAYS,
                required=False,
                initial=wishes.ways(agent, reason),
                widget=forms.CheckboxSelectMultiple,
            )

    @property
    def events(self) -> list[forms.BoundField]:
        """The fields of the events."""
        return [self[reason.value] for reason in Notice.Reason]

    def save(self) -> None:
        """Remember what was chosen."""
        chosen = {reason.value: self.cleaned_data[reason.value] for reason in Notice.Reason}
        wishes.choose(self.agent, chosen, self.cleaned_data["quiet"])

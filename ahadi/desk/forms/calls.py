"""What an agent types about a call."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from ahadi.channels.models import Call
from ahadi.channels.phone import calls, numbers
from ahadi.desk import sentences
from ahadi.desk.forms.ticket import LONGEST, MomentField
from ahadi.lib import clock
from ahadi.people.models import Address, Company
from ahadi.promises import preferences
from ahadi.tickets.models import Ticket

RESULTS = [(each.value, each.label) for each in Call.Outcome if each != Call.Outcome.WITHDRAWN]


def _lines(label: Any, hint: Any = "", rows: int = 3) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows, "dir": "auto"})
    return forms.CharField(label=label, help_text=hint, max_length=LONGEST, required=False, widget=area)


class NextForm(forms.Form):
    """What comes next, as for every answer."""

    step = forms.CharField(label=_("Next promise"), max_length=250, required=False)
    due = MomentField(label=_("By when"), required=False)
    solve = forms.BooleanField(label=_("It is solved"), required=False)


class OutcomeForm(NextForm):
    """What came of a call."""

    direction = forms.ChoiceField(
        label=_("Who called?"), choices=Call.Direction.choices, widget=forms.RadioSelect, initial="out"
    )
    outcome = forms.ChoiceField(
        label=_("How did it go?"), choices=RESULTS, widget=forms.RadioSelect, initial="reached"
    )
    number = forms.ChoiceField(label=_("Number"), required=False)
    text = _lines(
        _("What was said"), _("The customer reads this. After an attempt it is a note for colleagues.")
    )
    again = MomentField(label=_("Next attempt"), required=False)
    writes = forms.BooleanField(label=_("No further attempt; somebody writes"), required=False)
    against = forms.CharField(label=_("Why you called all the same"), max_length=250, required=False)

    def __init__(self, *arguments: Any, ticket: Ticket, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.ticket = ticket
        known = ticket.requester.addresses.filter(kind=Address.Kind.PHONE)
        self.numbers = {str(address.pk): address for address in known}
        standing = calls.standing(ticket)
        if standing is not None and standing.address is not None:
            self.numbers.setdefault(str(standing.address.pk), standing.address)
        shown = [(pk, numbers.shown(address.value)) for pk, address in self.numbers.items()]
        chosen: Any = self.fields["number"]
        chosen.choices = shown or [("", __("Another number"))]
        if not preferences.objection(ticket, calls.PHONE, clock.now()):
            del self.fields["against"]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("outcome") == Call.Outcome.REACHED:
            if not given.get("text", "").strip():
                self.add_error("text", __("Write down what was said: the customer reads it on their page."))
            due = None if given.get("solve") else given.get("due")
            if due and (too_long := sentences.too_long(self.ticket, due, clock.now())):
                self.add_error("due", too_long)
        if given.get("again") and not given.get("writes") and not self.numbers:
            self.add_error("again", __("No number of this customer is known."))
        return given

    @property
    def told(self) -> calls.Outcome:
        """The same for those who write it down."""
        given = self.cleaned_data
        return calls.Outcome(
            given["outcome"],
            direction=given["direction"],
            text=given["text"],
            step=given["step"].strip(),
            due=given["due"],
            solve=given.get("solve", False),
            again=None if given["writes"] else given["again"],
            writes=given["writes"],
            against=given.get("against", ""),
            number=self.numbers.get(given["number"]),
        )


class NewCallForm(NextForm):
    """A call about something new: who, what they want, what was said."""

    number = forms.CharField(
        label=_("Number"),
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel"}),
        error_messages={"required": _("Which number did they call from?")},
    )
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    wish = _lines(_("What they want"), _("In their words; it is the first message of the ticket."))
    text = _lines(
        _("What you said"), _("The customer reads this. Leave it empty if they wait for an answer.")
    )
    field_order = ["number", "name", "language", "wish", "text", "step", "due", "solve"]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["wish"].required = True
        self.fields["wish"].error_messages["required"] = __("Write down in a sentence what they want.")
        self.initial.setdefault("language", Company.current().language)

    def clean_number(self) -> str:
        try:
            return numbers.read(self.cleaned_data["number"])
        except numbers.Impossible:
            raise ValidationError(__("This is no whole number. Write it with the country code.")) from None

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("solve") and not given.get("text", "").strip():
            self.add_error("text", __("Say what you said before you solve it: the customer reads it."))
        return given

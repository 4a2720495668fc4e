"""What agents type about the work in a ticket: where it goes on, what it belongs to, what is to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from ahadi.desk.forms.ticket import MomentField
from ahadi.people import identify
from ahadi.people.models import Address, Agent, Customer
from ahadi.tickets import chores, fields
from ahadi.tickets.models import Field, Link, Ticket
from ahadi.tickets.number import read_number
from ahadi.tickets.snoozing import Awaits

WRONG = {
    "number": _("%(name)s: write a number, such as 12.5."),
    "date": _("%(name)s: write a day, such as 2026-12-02."),
    "choice": _("%(name)s: choose one of the list."),
    "text": _("%(name)s: this is too long."),
}
UNKNOWN = _("There is no ticket with this code that you may see.")


def find_ticket(agent: Agent, typed: str) -> Ticket:
    """A ticket by its code, however it was typed, if this agent may see it; raises ValidationError."""
    code = read_number(typed.removeprefix("#"))
    found = Ticket.objects.visible_to(agent).filter(number=code).first() if code else None
    if found is None:
        raise ValidationError(UNKNOWN)
    return found


class OtherTicketForm(forms.Form):
    """Another ticket by its code, however it was typed."""

    number = forms.CharField(
        label=_("Code of the other ticket"),
        max_length=40,
        error_messages={"required": _("Write the code of the other ticket.")},
    )

    # Who asks: only what they may see is found.
    agent: Agent

    def clean_number(self) -> Ticket:
        return find_ticket(self.agent, str(self.cleaned_data["number"]))


class PersonForm(forms.Form):
    """Somebody by their address, their phone number, or the code of a ticket they asked."""

    who = forms.CharField(
        label=_("Address of the other one, or the code of their ticket"),
        max_length=254,
        error_messages={"required": _("Write an address, or the code of a ticket.")},
    )

    # Who asks: only customers of tickets they may see are found.
    agent: Agent

    def clean_who(self) -> Customer:
        typed = str(self.cleaned_data["who"]).strip()
        seen = Ticket.objects.visible_to(self.agent)
        if number := read_number(typed.removeprefix("#")):
            asked = seen.filter(number=number)
        else:
            known = self._known(typed)
            asked = seen.filter(requester=known.customer_id) if known else seen.none()
        found = asked.select_related("requester").first()
        if found is None:
            raise ValidationError(_("Nobody is known by this who asked something that you may see."))
        return found.requester

    def _known(self, typed: str) -> Address | None:
        kind = Address.Kind.EMAIL if "@" in typed else Address.Kind.PHONE
        try:
            return identify.find(kind, typed)
        except identify.Unreadable:
            return None


class MergeForm(OtherTicketForm):
    """The ticket in which this one goes on, and whether its people go along."""

    let_in = forms.BooleanField(required=False)


class LinkForm(OtherTicketForm):
    """What this ticket has to do with another one."""

    KINDS = (
        (Link.Kind.RELATED, _("has to do with")),
        (Link.Kind.CHILD, _("is part of")),
        ("parent", _("is the cause of")),
    )

    kind = forms.ChoiceField(choices=KINDS)


class SplitForm(forms.Form):
    """The messages that become a ticket of their own."""

    subject = forms.CharField(label=_("Subject"), max_length=250, required=False)
    seq = forms.TypedMultipleChoiceField(
        coerce=int, error_messages={"required": _("Choose what is to be split off.")}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Which of them are messages of the ticket is asked where they are split off.
        self._offer_what_was_typed("seq")

    def _offer_what_was_typed(self, name: str) -> None:
        typed = self.data.getlist(name) if hasattr(self.data, "getlist") else []
        self.fields[name].choices = [(word, word) for word in typed if word.isdecimal() and len(word) < 9]  # type: ignore[attr-defined]


class SnoozeForm(forms.Form):
    """Until when, or until what, a ticket is out of the lists."""

    until = MomentField(label=_("Until"), required=False)
    # Typed instead of chosen; the button beside it sends nothing else.
    own = MomentField(label=_("Until"), required=False)
    awaits = forms.ChoiceField(choices=Awaits.choices, required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        given["until"] = given.get("until") or (None if given.get("awaits") else given.get("own"))
        if not self.errors and not given["until"] and not given.get("awaits"):
            self.add_error("own", _("Say until when."))
        return given


class TaskForm(forms.Form):
    """A line of the checklist."""

    text = forms.CharField(
        label=_("To do"), max_length=250, error_messages={"required": _("Write what is to be done.")}
    )


class TickForm(forms.Form):
    """Done, or not after all."""

    done = forms.BooleanField(required=False)


class TimeForm(forms.Form):
    """Minutes of work."""

    minutes = forms.IntegerField(
        label=_("Minutes"),
        min_value=1,
        max_value=chores.LONGEST,
        error_messages={"required": _("Write how many minutes."), "invalid": _("Write a whole number.")},
    )


class ValuesForm(forms.Form):
    """What is known in the fields of a ticket; those that were not sent stay as they are."""

    def __init__(self, data: QueryDict, asked: Iterable[Field]) -> None:
        super().__init__(data)
        self.asked = {f"field-{field.code}": field for field in asked if f"field-{field.code}" in data}
        for name, field in self.asked.items():
            self.fields[name] = forms.CharField(label=field.name, required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name, field in self.asked.items():
            try:
                fields.read(field, given.get(name, ""))
            except fields.Wrong as error:
                self.add_error(name, WRONG.get(error.code, WRONG["text"]) % {"name": field.name})
        return given


class ForwardForm(SplitForm):
    """What is asked of somebody outside, and what they are shown of the ticket."""

    email = forms.EmailField(
        label=_("Mail address"), error_messages={"required": _("Write the address of whom you ask.")}
    )
    text = forms.CharField(
        label=_("Your words"), max_length=20_000, error_messages={"required": _("Write what you ask.")}
    )

    file = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seq"].required = False
        self._offer_what_was_typed("file")


class PartsForm(forms.Form):
    """One answer for all open parts of a cause."""

    text = forms.CharField(
        label=_("Answer"), max_length=20_000, error_messages={"required": _("Write something first.")}
    )
    solve = forms.BooleanField(required=False)


class FollowForm(forms.Form):
    """Hear what happens to a ticket, or no more."""

    follow = forms.BooleanField(required=False)

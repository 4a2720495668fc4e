"""To be called: now, or at a time of one's own choice; without an account and without a script."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from ahadi.channels.models import Call
from ahadi.channels.phone import calls, numbers, slots
from ahadi.lib import clock
from ahadi.people import identify
from ahadi.people.models import Address, Company, Team
from ahadi.portal import access, contact, pages, quota, sending
from ahadi.portal.following import find_ticket
from ahadi.portal.forms import Sent
from ahadi.portal.repair import isolated
from ahadi.routing import ringing, waiting
from ahadi.routing.models import Ring
from ahadi.routing.waiting import Measured
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.number import read_number
from ahadi.ui import filters

log = logging.getLogger("ahadi.portal")

NOW = "now"
# Wishes for calls that one number may have at once, whoever typed it.
MOST_CALLS = 2


class Choice(NamedTuple):
    """What a wish for a call would bring: open now, somebody free, and by when otherwise."""

    is_open: bool
    is_free: bool
    due: datetime | None
    waiting: int
    measured: Measured | None


class CallForm(Sent):
    """Where to call, when, and about what."""

    about = forms.ChoiceField(
        label=_("Is it about something you already wrote to us?"),
        help_text=_("Then whoever calls you knows it already."),
        required=False,
        widget=forms.RadioSelect,
    )
    phone = forms.CharField(
        label=_("Phone number"),
        help_text=_("With the country code, such as +44 20 7946 0182."),
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        error_messages={"required": _("We need a number to call you.")},
    )
    when = forms.ChoiceField(label=_("When?"), error_messages={"required": _("Choose when we call you.")})
    text = forms.CharField(
        label=_("What is it about?"),
        help_text=_("Then you need not tell it twice."),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    name = forms.CharField(
        label=_("What shall we call you?"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["about", "phone", "when", "text", "name"]

    def __init__(self, *arguments: Any, known: list[Ticket], team: Team, is_open: bool, **named: Any) -> None:
        super().__init__(*arguments, **named)
        del self.fields["files"]
        self.known = {ticket.number: ticket for ticket in known}
        self._offer_times(team, is_open=is_open)
        about: Any = self.fields["about"]
        old = [(number, isolated(ticket.subject)) for number, ticket in self.known.items()]
        about.choices = [*old, ("", __("No, it is something new"))]
        if not self.known:
            del self.fields["about"]

    def _offer_times(self, team: Team, *, is_open: bool) -> None:
        days: dict[str, list[tuple[str, str]]] = {}
        for start in slots.free(team):
            span = f"{filters.clock_time(start)}–{filters.clock_time(start + slots.LENGTH)}"
            days.setdefault(filters.day(start), []).append((start.isoformat(), span))
        now = [(NOW, __("As soon as possible"))] if is_open else []
        chosen: Any = self.fields["when"]
        chosen.choices = [*now, *days.items()]
        chosen.error_messages["invalid_choice"] = __("This time is taken by now. Please choose another one.")

    @property
    def ticket(self) -> Ticket | None:
        """The request it is about; None for something new."""
        return self.known.get(self.cleaned_data.get("about", ""))

    @property
    def wanted(self) -> datetime | None:
        """From when on; None is now."""
        chosen = self.cleaned_data["when"]
        return None if chosen == NOW else datetime.fromisoformat(chosen)

    def clean_phone(self) -> str:
        given = self.cleaned_data["phone"]
        try:
            number = numbers.callable_number(given)
        except numbers.Impossible:
            said = __("This number is not complete. It looks like %(example)s, with the country code.")
            raise ValidationError(said % {"example": isolated("+44 20 7946 0182")}) from None
        except numbers.Costly:
            raise ValidationError(
                __("We cannot call this kind of number. Please give us another one.")
            ) from None
        known = identify.find(Address.Kind.PHONE, number)
        if known is not None and _may_not_call(known):
            raise ValidationError(
                __("We cannot call this number. Please write to us instead, or give us another one.")
            )
        return number


def _may_not_call(number: Address) -> bool:
    """They never want to be called, or several people have had them called already."""
    if calls.PHONE in number.customer.avoided:
        return True
    return Call.objects.open().filter(address=number).count() >= MOST_CALLS


@require_http_methods(["GET", "HEAD", "POST"])
def call(request: HttpRequest) -> HttpResponse:
    """One page: a number and a time; the answer says who calls by when."""
    known, team = access.known(request), Team.first()
    chosen = offered(team)
    if request.method != "POST":
        first = {
            "about": read_number(request.GET.get("about", "")) or "",
            "phone": _number_of(request, known),
        }
        form = CallForm(initial=first, known=known, team=team, is_open=chosen.is_open)
        return _page(request, form, chosen)
    form = CallForm(request.POST, known=known, team=team, is_open=chosen.is_open)
    if not quota.take(request, quota.ATTEMPTS):
        return _busy(request, form, chosen)
    if not form.is_valid():
        return _page(request, form, chosen, 422)
    if not quota.take(request, quota.CALLS):
        return _busy(request, form, chosen)
    try:
        entry = sending.once(form.one_time_key, lambda: _ask(request, form))
    except sending.NO_ROOM as error:
        log.error("A wish for a call was not stored: %s: %s", type(error).__name__, error)
        form.refuse()
        return _page(request, form, chosen, 503)
    if entry.seq != 1:
        return pages.private(redirect("portal:follow", entry.ticket.number))
    if entry.address is not None:
        access.grant(request, entry.ticket, entry.address)
        access.give_key(request, entry.ticket, entry.address)
    return pages.private(redirect("portal:asked", entry.ticket.number))


@require_POST
def withdrawal(request: HttpRequest, number: str) -> HttpResponse:
    """No call is needed any more."""
    ticket = find_ticket(read_number(number))
    guest = access.guest_of(request, ticket) if ticket else None
    if ticket is not None and guest is not None and access.owns(ticket, guest):
        calls.withdraw(ticket, guest.customer)
    return pages.private(redirect("portal:follow", number))


def offered(team: Team) -> Choice:
    """The truth about calls now, measured and counted."""
    hours = contact.hours(team.working_hours or Company.current().working_hours)
    language = translation.get_language() or "en"
    asked = Ring(
        ticket=Ticket(team=team, language=language), team=team, cause=Ring.Cause.CALL, asked=clock.now()
    )
    is_free = hours.is_open and bool(ringing.free(asked))
    asked.begun = clock.now() if is_free else None
    waits = waiting.measured(Ring.Cause.CALL)
    if not hours.is_open:
        return Choice(False, False, None, 0, waits)
    return Choice(True, is_free, ringing.promised(asked), ringing.place(asked) - 1, waits)


def _ask(request: HttpRequest, form: CallForm) -> Entry:
    said, ticket = form.cleaned_data, form.ticket
    guest = access.guest_of(request, ticket) if ticket is not None else None
    words = said["text"].strip() or __("Please call me.")
    if ticket is not None and guest is not None:
        ticket = access.ground(ticket, guest)
        number = calls.number_of(guest.customer, said["phone"])
        wish = calls.Wish(number, words, wanted=form.wanted, ticket=ticket, guest=guest)
    else:
        language = translation.get_language() or ""
        number = identify.find_or_create(Address.Kind.PHONE, said["phone"], said["name"].strip(), language)
        wish = calls.Wish(number, words, language, form.wanted)
    made = calls.ask(wish)
    entries = Entry.objects.filter(ticket=made.ticket, kind=Entry.Kind.MESSAGE).select_related("ticket")
    return entries.latest("seq")


def _number_of(request: HttpRequest, known: list[Ticket]) -> str:
    """The number we know already is not asked for again."""
    for ticket in known:
        guest = access.guest_of(request, ticket)
        if guest is not None and access.owns(ticket, guest):
            found = guest.customer.addresses.filter(kind=Address.Kind.PHONE).first()
            if found is not None:
                return numbers.shown(found.value)
    return ""


def _page(request: HttpRequest, form: CallForm, chosen: Choice, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "offer": chosen,
        "measured": contact.told_calls,
        "hours": contact.hours(Company.current().working_hours),
    }
    response = pages.show(request, "call", context, status)
    response["Cache-Control"] = "no-store, private"
    return response


def _busy(request: HttpRequest, form: CallForm, chosen: Choice) -> HttpResponse:
    form.is_valid()
    form.add_error(
        None, _("Many messages came from your network in the last hour. Please send it again later.")
    )
    return _page(request, form, chosen, 429)

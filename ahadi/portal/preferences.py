"""How a customer wants to be reached: by which way, in which language, at which hours, and how seldom."""

from __future__ import annotations

from datetime import time
from typing import Any

from babel.dates import get_day_names
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from ahadi.calendars import dates
from ahadi.people.models import Customer
from ahadi.portal import pages
from ahadi.portal.agreeing import own
from ahadi.portal.week import DAYS
from ahadi.tickets import wishes
from ahadi.tickets.models import Ticket

MAIL, PHONE = "email", "phone"


def _days() -> list[tuple[str, str]]:
    language = translation.get_language() or "en"
    names, start = get_day_names("wide", locale=language), dates.week_start(language)
    return [(DAYS[(start + place) % 7], names[(start + place) % 7]) for place in range(7)]


def _hour(**named: Any) -> forms.TimeField:
    return forms.TimeField(required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M"), **named)


class PreferencesForm(forms.Form):
    """Nothing here has to be filled in; what is, is obeyed."""

    language = forms.ChoiceField(label=_("Language of the answer"), choices=settings.LANGUAGES)
    preferred_channel = forms.ChoiceField(
        label=_("How do we reach you best?"),
        choices=[("", _("As it comes")), (MAIL, _("Mail")), (PHONE, _("Phone"))],
        widget=forms.RadioSelect,
        help_text=_("People of ours keep to it. What our program tells by itself always comes by mail."),
        required=False,
    )
    never_phone = forms.BooleanField(
        label=_("Never by phone"),
        help_text=_("Nobody calls you. Who has to do it all the same must write down why."),
        required=False,
    )
    days = forms.MultipleChoiceField(
        label=_("Days on which we may call"),
        choices=_days,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    begin = _hour(label=_("Not before"))
    end = _hour(label=_("Not after"))
    only_late = forms.BooleanField(
        label=_("Write to me unasked only when you are late"),
        help_text=_("Answers of people come as always. What changes stands on the page of your request."),
        required=False,
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        begin, end = cleaned.get("begin"), cleaned.get("end")
        if begin and end and begin >= end:
            self.add_error("end", ValidationError(_("This lies before the beginning.")))
        if cleaned.get("never_phone") and cleaned.get("preferred_channel") == PHONE:
            self.add_error(
                "preferred_channel", ValidationError(_("You wish no calls; choose another way here."))
            )
        return cleaned

    @property
    def wishes(self) -> dict[str, Any]:
        """What was chosen, as it is kept of a customer."""
        given = self.cleaned_data
        return {
            "language": given["language"],
            "preferred_channel": given["preferred_channel"],
            "avoided": [PHONE] if given["never_phone"] else [],
            "reach_hours": self._week(),
            "only_late": given["only_late"],
        }

    def _week(self) -> dict[str, list[list[str]]]:
        given = self.cleaned_data
        begin, end = given["begin"] or time(0), given["end"]
        if not (given["days"] or given["begin"] or end):
            return {}
        span = [f"{begin:%H:%M}", f"{end:%H:%M}" if end else "24:00"]
        return {day: [span] for day in DAYS if day in (given["days"] or DAYS)}


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, number: str) -> HttpResponse:
    """What this customer wishes, for this request and the next ones."""
    found = own(request, number)
    if found is None:
        return pages.private(redirect("portal:follow", number))
    ticket, guest = found
    form = PreferencesForm(request.POST or None, initial=_known(ticket, guest.customer))
    if request.method == "POST" and form.is_valid():
        _keep_zone(guest.customer)
        wishes.wish(ticket, guest, form.wishes)
        return pages.private(redirect("portal:follow", ticket.number))
    context = {"form": form, "ticket": ticket}
    return pages.private(pages.show(request, "preferences", context, 422 if form.errors else 200))


def _known(ticket: Ticket, customer: Customer) -> dict[str, Any]:
    spans = [span for day in customer.reach_hours.values() for span in day]
    return {
        "language": customer.language or ticket.language,
        "preferred_channel": customer.preferred_channel,
        "never_phone": PHONE in customer.avoided,
        "days": list(customer.reach_hours) or [],
        "begin": spans[0][0] if spans else None,
        "end": spans[0][1] if spans and spans[0][1] != "24:00" else None,
        "only_late": wishes.only_if_late(ticket),
    }


def _keep_zone(customer: Customer) -> None:
    # The hours are meant on the clock that the page told.
    if not customer.time_zone:
        customer.time_zone = timezone.get_current_timezone_name()
        customer.save(update_fields=["time_zone"])

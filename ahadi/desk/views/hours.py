"""Working hours: the weeks there are, one week to edit, and holidays to confirm."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ahadi.calendars import year as calendar_year
from ahadi.calendars.holidays import country_of, suggest, unconfirmed
from ahadi.desk.forms.holidays import CountryForm
from ahadi.desk.forms.hours import DAYS, NewHoursForm, WeekForm
from ahadi.desk.views.access import AgentRequest, for_admins
from ahadi.lib import clock
from ahadi.people.models import Company, WorkingHours
from ahadi.ui import filters

# So many years before and after this one can be looked at.
YEARS = 20


class Closed(NamedTuple):
    """A day on which the week does not hold."""

    day: date
    name: str
    is_known: bool = False


class Unconfirmed(NamedTuple):
    """A year of some working hours whose public holidays nobody has looked at."""

    hours: WorkingHours
    year: int
    country: str


def unconfirmed_years() -> list[Unconfirmed]:
    """Where the holidays of a year wait for somebody to confirm them."""
    today, found = clock.now().date(), []
    for hours in WorkingHours.objects.order_by("name", "pk"):
        country = country_of(hours.time_zone)
        missing = unconfirmed(hours.holidays, today)
        if country and missing:
            found.append(Unconfirmed(hours, missing, country))
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def hours(request: AgentRequest) -> HttpResponse:
    """Every set of working hours, and a new one."""
    form = NewHoursForm(request.POST or None, initial={"time_zone": Company.current().time_zone})
    if form.is_bound and form.is_valid():
        made = form.save()
        messages.success(request, _("The working hours were added. Now say when somebody is there."))
        return redirect("desk:week", made.pk)
    found = WorkingHours.objects.annotate(teams=Count("team")).order_by("name", "pk")
    context = {"form": form, "found": found, "days": DAYS, "unconfirmed": unconfirmed_years()}
    return render(request, "desk/settings/hours.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def week(request: AgentRequest, pk: int) -> HttpResponse:
    """The hours of each day, and the closed days."""
    edited = get_object_or_404(WorkingHours, pk=pk)
    name = edited.name
    form = WeekForm(request.POST or None, instance=edited)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("The working hours were saved. New promises are counted by them."))
        return redirect("desk:week", pk)
    context = {
        "form": form,
        "pk": pk,
        "name": name,
        "year": calendar_year.year_of(clock.now().date(), _here()),
    }
    return render(request, "desk/settings/week.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def holidays(request: AgentRequest, pk: int) -> HttpResponse:
    """Public holidays of a country and a year as a suggestion; those that are ticked close the company."""
    edited = get_object_or_404(WorkingHours, pk=pk)
    form = CountryForm(request.POST or request.GET or None)
    suggested = _suggested(form, edited) if form.is_bound and form.is_valid() else []
    if request.method == "POST" and form.is_valid():
        chosen = set(request.POST.getlist("day"))
        return _confirm(request, edited, [closed for closed in suggested if str(closed.day) in chosen])
    context = {"form": form, "hours": edited, "suggested": suggested}
    return render(request, "desk/settings/holidays.html", context, status=422 if form.errors else 200)


@require_safe
@for_admins
def year(request: AgentRequest, pk: int, year: int) -> HttpResponse:
    """A whole year as a picture: when somebody is there, and why not."""
    shown = get_object_or_404(WorkingHours, pk=pk)
    language = _here()
    this = calendar_year.year_of(clock.now().date(), language)
    if abs(year - this) > YEARS:
        raise Http404
    context = {
        "hours": shown,
        "year": year,
        "months": calendar_year.months(shown.calendar, year, language),
        "weekdays": calendar_year.weekdays(language),
        "others": [other for other in (year - 1, year + 1) if abs(other - this) <= YEARS],
    }
    return render(request, "desk/settings/year.html", context)


def _here() -> str:
    return get_language() or "en"


def _suggested(form: CountryForm, edited: WorkingHours) -> list[Closed]:
    asked: dict[str, Any] = form.cleaned_data
    found = suggest(asked["country"], [asked["year"]], _here())
    return [Closed(day, name, str(day) in edited.holidays) for day, name in found.items()]


def _confirm(request: AgentRequest, edited: WorkingHours, chosen: list[Closed]) -> HttpResponse:
    new = {str(closed.day): closed.name for closed in chosen if not closed.is_known}
    edited.holidays = {**edited.holidays, **new}
    edited.save(update_fields=["holidays"])
    said = ngettext("%(count)s closed day was added.", "%(count)s closed days were added.", len(new))
    messages.success(request, said % {"count": filters.number(len(new))})
    return redirect("desk:week", edited.pk)

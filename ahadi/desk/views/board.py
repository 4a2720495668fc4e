"""For leads: everybody's promises, and how many people it takes to answer in time."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ahadi.desk import board as boards
from ahadi.desk.forms.staffing import StaffingForm
from ahadi.desk.views.access import AgentRequest, for_leads
from ahadi.lib import clock
from ahadi.reports import measured, usual

MONTH = timedelta(days=28)


@require_safe
@for_leads
def board(request: AgentRequest) -> HttpResponse:
    """Promises by owner, the longest silences, and what became of the promises of four weeks."""
    context = {
        "owners": boards.owners(request.user),
        "silent": boards.silent(request.user),
        "kept": boards.kept(request.user, clock.now() - MONTH),
        "measured": measured.figures(request.user, clock.now() - MONTH),
        "length": usual.length,
    }
    return render(request, "desk/settings/board.html", context)


@require_safe
@for_leads
def staffing(request: AgentRequest) -> HttpResponse:
    """How many people keep an aim, and what one more or fewer would change."""
    form = StaffingForm(request.GET or None)
    context: dict[str, object] = {"form": form}
    if form.is_bound and form.is_valid():
        load, given = form.load, form.cleaned_data
        within, share = given["within"] * 60, given["share"] / 100
        needed = load.people_for(share, within)
        lines = [
            (people, load.service_level(people, within), load.average_wait(people), load.occupancy(people))
            for people in range(max(needed - 3, 1), needed + 4)
        ]
        context |= {"needed": needed, "lines": lines, "erlangs": load.erlangs}
    return render(request, "desk/settings/staffing.html", context, status=422 if form.errors else 200)

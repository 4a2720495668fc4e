"""Writing down what a customer said, telling it back, and not asking for it again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ahadi.desk import heard
from ahadi.desk.forms.hearing import DraftForm, StatementForm
from ahadi.desk.views.access import AgentRequest, for_agents, ticket_or_404
from ahadi.desk.views.tickets import back, show
from ahadi.tickets import hearing


@require_POST
@for_agents
def statement(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Keep the four parts; on demand ask the customer whether they are right."""
    ticket = ticket_or_404(request, number)
    form = StatementForm(request.POST)
    if not form.is_valid():
        return show(request, search, ticket, 422, change=form, changed="StatementForm")
    hearing.write_down(ticket, form.parts, by=request.user, sources=form.sources)
    if form.cleaned_data["ask"]:
        try:
            hearing.tell_back(ticket, by=request.user)
            messages.success(request, _("The customer is asked whether it is right."))
        except hearing.NotPossible as error:
            messages.warning(request, _obstacle(str(error)))
    return back(request, search, number)


@require_POST
@for_agents
def repeats(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """What the answer that is being written asks although it was said; nothing is kept."""
    ticket = ticket_or_404(request, number)
    form = DraftForm(request.POST)
    found = heard.repeats(ticket, form.cleaned_data["text"]) if form.is_valid() else []
    return render(request, "desk/_repeats.html", {"repeats": found})


def _obstacle(code: str) -> str:
    if code == "solved":
        return _("It is written down. The ticket is solved, so nobody was asked.")
    return _("There is nothing to ask yet: write down what the customer said.")

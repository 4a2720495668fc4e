"""The targets of one ticket, line by line, and thank-yous that need no answer."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from ahadi.desk.explaining import explain
from ahadi.desk.views.access import AgentRequest, for_agents, ticket_or_404
from ahadi.desk.views.tickets import back


@require_safe
@for_agents
def targets(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Every clock of a ticket: what it counts, where the time went, when it is due."""
    ticket = ticket_or_404(request, number)
    context = {"ticket": ticket, "search": search, "clocks": explain(ticket, get_language() or "en")}
    return render(request, "desk/targets.html", context)


@require_POST
@for_agents
def thanks(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """The customer's last message needs no answer; its clock stops, and that is written down."""
    ticket = ticket_or_404(request, number)
    if ticket.waiting_since is not None:
        ticket.change("no_answer", {}, request.user, waiting_since=None)
    return back(request, search, number)

"""Answers that have not left: taken back, sent at another time, thrown away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ahadi.channels import leaving
from ahadi.channels.models import Draft
from ahadi.desk import presence
from ahadi.desk.forms.ticket import LeavingForm
from ahadi.desk.views.access import AgentRequest, for_agents, ticket_or_404
from ahadi.desk.views.tickets import back, show
from ahadi.lib import clock
from ahadi.tickets.models import Ticket


@require_POST
@for_agents
def withdrawal(request: AgentRequest, search: str, number: str, pk: int) -> HttpResponse:
    """Take an answer back before it leaves; its words are in the editor of whoever took it back."""
    ticket = ticket_or_404(request, number)
    draft = Draft.objects.filter(pk=pk, ticket=ticket).first()
    if draft is None or not leaving.take_back(draft, by=request.user):
        return _too_late(request, search, ticket)
    presence.touch(ticket.number)
    return back(request, search, number, "text")


@require_POST
@for_agents
def times(request: AgentRequest, search: str, number: str, pk: int) -> HttpResponse:
    """Let an answer leave now, or at another time."""
    ticket = ticket_or_404(request, number)
    form = LeavingForm(request.POST)
    form.promised = ticket.due
    draft = Draft.objects.filter(pk=pk, ticket=ticket).first()
    if "now" not in request.POST and not form.is_valid():
        return show(request, search, ticket, 422, change=form, changed="LeavingForm")
    moment = clock.now() if "now" in request.POST else form.cleaned_data["leaves"]
    if draft is None or not leaving.move(draft, moment):
        return _too_late(request, search, ticket)
    presence.touch(ticket.number)
    return back(request, search, number, f"draft-{pk}")


@require_POST
@for_agents
def removal(request: AgentRequest, search: str, number: str, pk: int) -> HttpResponse:
    """Throw away an answer that came back to its writer."""
    ticket = ticket_or_404(request, number)
    get_object_or_404(Draft.objects.resting(), pk=pk, ticket=ticket, agent=request.user).delete()
    messages.success(request, _("The draft is gone. Nothing of it was sent."))
    return back(request, search, number)


def _too_late(request: AgentRequest, search: str, ticket: Ticket) -> HttpResponse:
    messages.warning(request, _("It had left already, or somebody else took it back."))
    return back(request, search, ticket.number)

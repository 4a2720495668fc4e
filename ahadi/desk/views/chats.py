"""What an agent does in a live talk beside writing: end it, with a summary, or let machines speak again."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ahadi.automation import speaking
from ahadi.channels.chat import talks
from ahadi.channels.models import Talk
from ahadi.desk.views.access import AgentRequest, for_agents, ticket_or_404
from ahadi.desk.views.tickets import back


class EndingForm(forms.Form):
    """How a talk is ended."""

    summary = forms.CharField(required=False, max_length=20_000)
    is_solved = forms.BooleanField(required=False)


@require_POST
@for_agents
def chat_ending(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """End the talk, with what was agreed; the ticket and its promise stay unless it is solved."""
    ticket = ticket_or_404(request, number)
    form = EndingForm(request.POST)
    talk = Talk.objects.filter(pk=ticket.pk).first()
    if talk is None or not form.is_valid():
        messages.error(request, _("There is no talk to end."))
        return back(request, search, number)
    with transaction.atomic():
        ticket.lock()
        summary, solve = form.cleaned_data["summary"].strip(), form.cleaned_data["is_solved"]
        if summary:
            ticket.reply(summary, by=request.user, solve=solve)
        elif solve:
            ticket.solve(by=request.user)
        talk.ticket = ticket
        talks.end(talk, by=request.user)
    messages.success(request, _("The talk is over. The customer keeps it under its code."))
    return back(request, search, number)


@require_POST
@for_agents
def handing_back(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Let automatic texts answer again; a person stays one press away."""
    ticket = ticket_or_404(request, number)
    if speaking.hand_back(ticket, by=request.user) is not None:
        messages.success(request, _("Automatic texts may answer again, until you write the next word."))
    return back(request, search, number)

"""People beside the requester: let in and taken off by agents, never by a copy line."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from ahadi.channels import participants as people
from ahadi.channels.models import Participant
from ahadi.desk.forms.participants import ParticipantForm
from ahadi.desk.views.access import AgentRequest, for_agents, ticket_or_404
from ahadi.desk.views.tickets import back, show


@require_POST
@for_agents
def participants(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Let somebody take part from now on, or pass over somebody who was copied in."""
    ticket = ticket_or_404(request, number)
    form = ParticipantForm(request.POST)
    if form.is_valid():
        try:
            if form.cleaned_data["passed"]:
                people.pass_over(ticket, form.cleaned_data["email"], by=request.user)
            else:
                people.add(ticket, form.cleaned_data["email"], by=request.user)
        except people.NotPossible:
            form.add_error("email", _("This address is one of yours; only people outside can take part."))
        except people.Full:
            most = ngettext(
                "No more than %(count)s person can take part.",
                "No more than %(count)s people can take part.",
                people.MOST,
            )
            form.add_error("email", most % {"count": people.MOST})
    if form.errors:
        return show(request, search, ticket, 422, change=form, changed="ParticipantForm")
    return back(request, search, number, "people")


@require_POST
@for_agents
def removals(request: AgentRequest, search: str, number: str, pk: int) -> HttpResponse:
    """Take somebody off: no answer goes to them and their link is closed."""
    ticket = ticket_or_404(request, number)
    joined = Participant.objects.filter(ticket=ticket).select_related("address")
    if people.remove(ticket, get_object_or_404(joined, pk=pk).address, by=request.user):
        messages.success(request, _("They take no part any more, and their link is closed."))
    return back(request, search, number, "people")

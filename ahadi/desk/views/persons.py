"""That two customers are one person: said beside a ticket, and taken back there."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ahadi.desk.forms.work import PersonForm
from ahadi.desk.views.access import AgentRequest, for_agents, ticket_or_404
from ahadi.desk.views.tickets import back, show
from ahadi.people import merging
from ahadi.tickets import persons

PART = "person"


@require_POST
@for_agents
def person(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """See somebody else as the person who asked this ticket."""
    ticket = ticket_or_404(request, number)
    form = PersonForm(request.POST)
    form.agent = request.user
    if form.is_valid():
        try:
            persons.merge(ticket, form.cleaned_data["who"], by=request.user)
        except merging.NotPossible as error:
            form.add_error("who", _obstacle(error.code))
    if form.errors:
        return show(request, search, ticket, 422, change=form, changed="PersonForm")
    messages.success(request, _("They are shown as one person now; you can take them apart at any time."))
    return back(request, search, number, PART)


@require_POST
@for_agents
def person_removal(request: AgentRequest, search: str, number: str, pk: int) -> HttpResponse:
    """Two people after all: each record stands for itself again."""
    ticket = ticket_or_404(request, number)
    known = {each.pk: each for each in merging.records(ticket.requester)}
    if pk not in known:
        raise Http404
    if persons.unmerge(ticket, known[pk], by=request.user):
        messages.success(request, _("They are two people again."))
    return back(request, search, number, PART)


def _obstacle(code: str) -> str:
    if code == "itself":
        return _("This is the same person already.")
    return _("This person has very many records already.")

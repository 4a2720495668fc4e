"""Another way for an answer that did not arrive."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ahadi.channels import ways as found
from ahadi.channels.models import Delivery
from ahadi.desk.views.access import AgentRequest, for_agents, ticket_or_404
from ahadi.desk.views.tickets import back
from ahadi.people.models import Address


@require_POST
@for_agents
def ways(request: AgentRequest, search: str, number: str, pk: int) -> HttpResponse:
    """Send the same words to another address of the same person."""
    ticket = ticket_or_404(request, number)
    ended_badly = (Delivery.State.FAILED, Delivery.State.UNKNOWN)
    delivery = get_object_or_404(Delivery, pk=pk, entry__ticket=ticket, state__in=ended_badly)
    given = request.POST.get("address", "")
    address = get_object_or_404(Address, pk=int(given) if given.isdecimal() and len(given) < 19 else 0)
    try:
        found.send(delivery, address, by=request.user)
    except found.NotPossible as error:
        raise Http404 from error
    said = _("It is on its way to %(address)s, and so are your next answers.")
    messages.success(request, said % {"address": f"\u2066{address.shown}\u2069"})
    return back(request, search, number, f"e{delivery.entry.seq}")

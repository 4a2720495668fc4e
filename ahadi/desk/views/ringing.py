"""What rings at a desk: shown, accepted by the first, or not now."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ahadi.channels.chat import here
from ahadi.channels.phone import calls, incoming
from ahadi.desk import excerpt
from ahadi.desk.views.access import AgentRequest, for_agents
from ahadi.lib import clock
from ahadi.routing import ringing
from ahadi.routing.models import Ring
from ahadi.tickets.models import Ticket

# Whoever has just written their first word may not be seen sitting there yet.
ARRIVING = timedelta(minutes=2)


@require_safe
@for_agents
def rings(request: AgentRequest) -> HttpResponse:
    """The panel: what rings here, who is calling in, and the call that this agent is in."""
    # Only the first ones are shown: who waits at a telephone comes before who waits in a chat.
    found = sorted(
        _still_wanted(ringing.rings_of(request.user)), key=lambda ring: ring.cause == Ring.Cause.TALK
    )
    context = {
        "rings": found,
        "words": excerpt.newest([ring.ticket for ring in found]),
        "mine": calls.of_agent(request.user),
        "calling": incoming.for_agent(request.user),
    }
    return render(request, "desk/_rings.html", context)


@require_POST
@for_agents
def acceptance(request: AgentRequest, pk: int) -> HttpResponse:
    """Come; whoever is second hears who was first."""
    found = _find(request, pk)
    try:
        won = calls.accept(found, request.user)
    except ringing.Taken:
        found.refresh_from_db()
        if found.accepted_by is not None:
            said = _("%(name)s was faster.") % {"name": found.accepted_by.name}
            messages.info(request, said)
        else:
            messages.info(request, _("It is no longer wanted."))
        return redirect("desk:home")
    door = "desk:call" if won.cause == Ring.Cause.CALL else "desk:ticket"
    return redirect(door, "open", won.ticket.number)


@require_POST
@for_agents
def refusal(request: AgentRequest, pk: int) -> HttpResponse:
    """Not now: this desk is silent, the others ring on."""
    ringing.decline(_find(request, pk), request.user)
    return redirect("desk:home") if "X-Live" not in request.headers else HttpResponse(status=204)


@require_POST
@for_agents
def quiet(request: AgentRequest) -> HttpResponse:
    """Be rung, or not, until it is chosen otherwise."""
    agent = request.user
    is_quiet = request.POST.get("quiet") == "1"
    agent.preferences = {**agent.preferences, ringing.QUIET: is_quiet}
    agent.save(update_fields=["preferences"])
    off, on = _("Your desk does not ring now."), _("Your desk rings again when it is needed.")
    messages.success(request, off if is_quiet else on)
    return redirect("desk:calls")


def _still_wanted(found: list[Ring]) -> list[Ring]:
    """Whoever has left the chat waits in the lists and is answered by mail: no desk rings for them."""
    arrived = clock.now() - ARRIVING
    if not any(ring.cause == Ring.Cause.TALK and ring.asked < arrived for ring in found):
        return found
    there = here.told().present
    return [
        ring
        for ring in found
        if ring.cause != Ring.Cause.TALK or ring.asked >= arrived or ring.ticket.number in there
    ]


def _find(request: AgentRequest, pk: int) -> Ring:
    seen = Ticket.objects.visible_to(request.user)
    return get_object_or_404(Ring.objects.select_related("ticket__team"), seen.named_by("ticket"), pk=pk)

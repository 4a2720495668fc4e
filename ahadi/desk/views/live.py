"""What a page says while it is open: that somebody is there, and what they have written so far."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from ahadi.channels.chat import talks
from ahadi.desk import presence, sketches
from ahadi.desk.forms.live import PresenceForm, SketchForm
from ahadi.desk.views.access import AgentRequest, for_agents, ticket_or_404
from ahadi.tickets import chores
from ahadi.tickets.models import Ticket


@require_POST
@for_agents
def presences(request: AgentRequest) -> HttpResponse:
    """Somebody looks at a ticket, writes, or has left; the answer says how far its talk has come."""
    form = PresenceForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=422)
    given = form.cleaned_data
    number = given["number"].upper()
    if given["state"] == "gone":
        presence.leave(number, request.user, given["tab"])
        return JsonResponse({})
    seen = Ticket.objects.visible_to(request.user).only("last_seq", "channel")
    ticket = get_object_or_404(seen, number=number)
    presence.say(number, request.user, given["tab"], writes=given["state"] == "writing")
    chores.note_reading(ticket, request.user)
    talks.note_seen(ticket, request.user)
    return JsonResponse({"seq": ticket.last_seq})


@require_POST
@for_agents
def sketch(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Keep words that are not sent yet; 409 with the other words where another tab was faster."""
    ticket = ticket_or_404(request, number)
    form = SketchForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=422)
    given = form.cleaned_data
    kept = sketches.keep(
        ticket, request.user, given["kind"], given["text"], seen=given["version"] or 0, fields=form.beside
    )
    if kept.other is not None:
        return JsonResponse(kept.other.plain, status=409)
    return JsonResponse({"version": kept.version})

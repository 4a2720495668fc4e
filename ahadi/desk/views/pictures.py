"""Pictures between words that are not sent yet."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from ahadi.channels import documents
from ahadi.desk import pasting
from ahadi.desk.views.access import AgentRequest, for_agents, ticket_or_404
from ahadi.lib import store


@require_POST
@for_agents
def pictures(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Keep a pasted picture; the answer is the name that the words call it by."""
    ticket = ticket_or_404(request, number)
    try:
        kept = pasting.keep(ticket, request.user, request.FILES.get("file"))
    except ValidationError as error:
        return JsonResponse({"error": error.messages[0]}, status=422)
    return JsonResponse({"name": kept.name})


@require_safe
@for_agents
def picture(request: AgentRequest, search: str, number: str, name: str) -> HttpResponse:
    """A picture that this agent pasted here; for everybody else it does not exist."""
    found = pasting.find(ticket_or_404(request, number), request.user, name)
    if found is None:
        raise Http404
    return documents.locked(HttpResponse(store.read(found[1]), content_type=found[0]))

"""What the command palette offers."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ahadi.desk import palette
from ahadi.desk.views.access import AgentRequest, for_agents


@require_safe
@for_agents
def offer(request: AgentRequest) -> HttpResponse:
    """The lines for some letters, as a piece of a page."""
    parts = palette.parts(request.user, request.GET.get("q", ""))
    return render(request, "desk/_palette.html", {"parts": parts})

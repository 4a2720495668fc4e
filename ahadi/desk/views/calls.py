"""What an agent does for somebody on the phone."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ahadi.channels import keys
from ahadi.desk.views.access import AgentRequest, for_agents, ticket_or_404
from ahadi.desk.views.tickets import back
from ahadi.promises import preferences
from ahadi.ui import filters


@require_POST
@for_agents
def codes(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Show a code to read out, this once; that it was given stays in the history."""
    ticket = ticket_or_404(request, number)
    try:
        preferences.respect(ticket, "phone", request.POST.get("against", ""), by=request.user)
    except preferences.Unwanted:
        messages.error(request, _("This customer never wants to be called. Say why you do it all the same."))
        return back(request, search, number)
    code = keys.give_code(ticket, by=request.user)
    if code is None:
        raise Http404
    said = _("Read this out: %(code)s. It opens the request once, within %(minutes)s minutes.")
    minutes = filters.number(keys.CALL_LIFETIME.total_seconds() // 60)
    # Set apart, or a line from right to left would turn the two halves around.
    shown = f"\u2066{code[:4]} {code[4:]}\u2069"
    messages.success(request, said % {"code": shown, "minutes": minutes})
    return back(request, search, number)

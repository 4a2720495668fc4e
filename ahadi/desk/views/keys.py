"""What an agent chose for the desk: how close the rows stand, and which keys do what."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ahadi.desk.forms.keys import KeysForm
from ahadi.desk.views.access import AgentRequest, for_agents


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def keys(request: AgentRequest) -> HttpResponse:
    """Rows and keys, for this agent alone."""
    form = KeysForm(request.POST or None, initial=KeysForm.chosen(request.user))
    if form.is_bound and form.is_valid():
        form.keep(request.user)
        messages.success(request, _("Your keys were saved."))
        return redirect("desk:keys")
    return render(request, "desk/settings/keys.html", {"form": form}, status=422 if form.errors else 200)

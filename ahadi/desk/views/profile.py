"""What agents say about themselves; customers see the first name and the picture."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ahadi.desk.forms.profile import ProfileForm
from ahadi.desk.views.access import AgentRequest, for_agents
from ahadi.people.models import Agent


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def profile(request: AgentRequest) -> HttpResponse:
    """Name, picture, language and zone, and the ways to sign in."""
    # A copy: the head of the page must not show what was typed and refused.
    agent = Agent.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, request.FILES or None, instance=agent)
    if form.is_bound and form.is_valid():
        saved = form.save()
        with translation.override(saved.language):
            messages.success(request, _("Your profile was saved."))
        return redirect("desk:profile")
    context = {"form": form, "has_password": request.user.has_usable_password()}
    return render(request, "desk/settings/profile.html", context, status=422 if form.errors else 200)

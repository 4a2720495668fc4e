"""Teams: every one of them, and one with its members."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ahadi.desk.forms.teams import MembersForm, TeamForm
from ahadi.desk.views.access import AgentRequest, for_admins
from ahadi.people.models import Team


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def teams(request: AgentRequest) -> HttpResponse:
    """Every team, and a new one."""
    form = TeamForm(request.POST or None)
    if form.is_bound and form.is_valid():
        made = form.save()
        messages.success(request, _("The team was added. Now choose who belongs to it."))
        return redirect("desk:team", made.pk)
    found = Team.objects.select_related("working_hours").annotate(
        members=Count("agents", filter=Q(agents__is_active=True))
    )
    context = {"form": form, "teams": found}
    return render(request, "desk/settings/teams.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def team(request: AgentRequest, pk: int) -> HttpResponse:
    """One team: its name, hours and members."""
    edited = get_object_or_404(Team, pk=pk)
    name = edited.name
    form = MembersForm(request.POST or None, instance=edited)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("The team was saved."))
        return redirect("desk:teams")
    context = {"form": form, "name": name}
    return render(request, "desk/settings/team.html", context, status=422 if form.errors else 200)

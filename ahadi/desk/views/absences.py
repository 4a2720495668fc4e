"""Who is away when, and who stands in for them."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ahadi.desk.forms.absences import AbsenceForm
from ahadi.desk.views.access import AgentRequest, for_agents
from ahadi.lib import clock
from ahadi.routing.models import Absence


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def absences(request: AgentRequest) -> HttpResponse:
    """The absences that are not over, and a new one."""
    form = AbsenceForm(request.POST or None, by=request.user)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("The absence is written down. Open tickets change hands when it begins."))
        return redirect("desk:absences")
    context = {"form": form, "found": _known(request).select_related("agent", "substitute")}
    return render(request, "desk/settings/absences.html", context, status=422 if form.errors else 200)


@require_POST
@for_agents
def absence_removal(request: AgentRequest, pk: int) -> HttpResponse:
    """Somebody is here again, or stays; what was handed over stays where it is."""
    get_object_or_404(_known(request), pk=pk).delete()
    messages.success(request, _("The absence was taken back."))
    return redirect("desk:absences")


def _known(request: AgentRequest) -> QuerySet[Absence]:
    found = Absence.objects.filter(ends__gt=clock.now()).order_by("begins", "pk")
    return found if request.user.sees_everything else found.filter(agent=request.user)

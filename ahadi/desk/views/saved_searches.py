"""Saved searches: made, changed, put in order, taken away and brought back."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ahadi.desk.forms.searches import SavedSearchForm
from ahadi.desk.models import SavedSearch
from ahadi.desk.views.access import AgentRequest, for_agents
from ahadi.tickets.asking import EXAMPLES
from ahadi.tickets.grammar import LONGEST


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def searches(request: AgentRequest) -> HttpResponse:
    """Every saved search this agent is offered, and a new one."""
    agent = request.user
    typed = {"query": request.GET.get("query", "")[:LONGEST]}
    form = SavedSearchForm(agent, request.POST or None, initial=typed)
    if form.is_bound and form.is_valid():
        return redirect("desk:list", form.keep().code)
    kept = set(SavedSearch.objects.kept_by(agent).values_list("pk", flat=True))
    gone = request.GET.get("gone", "")
    away = SavedSearch.objects.kept_by(agent).filter(pk=int(gone) if gone.isdecimal() else 0).first()
    context = {
        "form": form,
        "rows": [
            (row, row.pk in kept)
            for row in SavedSearch.objects.offered_to(agent).select_related("owner", "team")
        ],
        "gone": away if away and away.removed else None,
        "examples": EXAMPLES,
    }
    return render(request, "desk/settings/searches.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def search(request: AgentRequest, pk: int) -> HttpResponse:
    """One saved search: its name, what it asks, and who sees it."""
    edited = _kept(request, pk)
    name = edited.name
    form = SavedSearchForm(request.user, request.POST or None, instance=edited)
    if form.is_bound and form.is_valid():
        form.keep()
        messages.success(request, _("The search was saved."))
        return redirect("desk:searches")
    context = {"form": form, "name": name, "pk": pk}
    return render(request, "desk/settings/search.html", context, status=422 if form.errors else 200)


@require_POST
@for_agents
def place(request: AgentRequest, pk: int) -> HttpResponse:
    """One place up or down in the list."""
    moved = _kept(request, pk)
    with transaction.atomic():
        order = list(SavedSearch.objects.offered_to(request.user))
        here = next((at for at, each in enumerate(order) if each.pk == moved.pk), 0)
        there = max(0, min(len(order) - 1, here + (1 if request.POST.get("way") == "down" else -1)))
        order.insert(there, order.pop(here))
        for at, each in enumerate(order, start=1):
            if each.place != at:
                each.place = at
                each.write()
    return redirect("desk:searches")


@require_POST
@for_agents
def removal(request: AgentRequest, pk: int) -> HttpResponse:
    """Take a search away; the page that follows brings it back with one click."""
    _kept(request, pk).remove()
    return redirect(f"{reverse('desk:searches')}?gone={pk}")


@require_POST
@for_agents
def comeback(request: AgentRequest, pk: int) -> HttpResponse:
    """Bring back what was taken away."""
    get_object_or_404(SavedSearch.objects.kept_by(request.user), pk=pk).bring_back()
    return redirect("desk:searches")


def _kept(request: AgentRequest, pk: int) -> SavedSearch:
    return get_object_or_404(SavedSearch.objects.kept_by(request.user).standing(), pk=pk)

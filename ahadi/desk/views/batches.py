"""One change of many tickets: chosen, looked at, run in the background, reported, undone."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ahadi.desk import many, searches
from ahadi.desk.forms.batches import MOST_BY_HAND, BatchForm
from ahadi.desk.views.access import AgentRequest, for_agents
from ahadi.people.models import Agent, Team
from ahadi.tickets import batches as work
from ahadi.tickets.models import Batch, Ticket
from ahadi.tickets.number import read_number
from ahadi.ui import drawn


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def batches(request: AgentRequest) -> HttpResponse:
    """What can happen to many tickets; and the plan for those that were chosen."""
    form = BatchForm(request.POST if request.method == "POST" else None)
    form.agent = request.user
    if form.is_bound and form.is_valid():
        chosen = _chosen(request.user, form)
        if chosen:
            return redirect("desk:batch", work.plan(request.user, chosen, form.acts).pk)
        form.add_error(None, _("Choose tickets first."))
    context = {
        "form": form,
        "agents": Agent.objects.filter(is_active=True).values_list("pk", "name"),
        "teams": Team.objects.values_list("pk", "name"),
        "priorities": Ticket.Priority.choices,
        "states": Ticket.Status.choices,
    }
    # The bar under the list is filled with the form alone; after a wrong input it is a page.
    name = "desk/_many.html" if not form.is_bound else "desk/many.html"
    return drawn.page(request, name, context, 422 if form.errors else 200)


@require_safe
@for_agents
def batch(request: AgentRequest, pk: int) -> HttpResponse:
    """What would happen, how far it is, or what came of it; for whoever planned it."""
    found = get_object_or_404(Batch, pk=pk, agent=request.user)
    outlook = work.outlook(found) if found.state == Batch.State.PLANNED else {}
    context = {
        "batch": found,
        "acts": many.acts(found),
        "changes": outlook.get("", 0),
        "left": many.left(outlook or found.skipped),
        "may_undo": work.may_undo(found),
        "total": len(found.tickets),
        "is_going": found.state in (Batch.State.RUNNING, Batch.State.UNDOING),
    }
    return drawn.page(request, "desk/batch.html", context)


@require_POST
@for_agents
def start(request: AgentRequest, pk: int) -> HttpResponse:
    """Let it run."""
    work.start(get_object_or_404(Batch, pk=pk, agent=request.user))
    return redirect("desk:batch", pk)


@require_POST
@for_agents
def undoing(request: AgentRequest, pk: int) -> HttpResponse:
    """Bring everything back where nothing else happened since."""
    if not work.undo(get_object_or_404(Batch, pk=pk, agent=request.user)):
        messages.warning(request, _("It is too late to undo it: more than a minute has passed."))
    return redirect("desk:batch", pk)


def _chosen(agent: Agent, form: BatchForm) -> Sequence[int]:
    given = form.cleaned_data
    if given["whole"]:
        if searches.find(agent, given["search"], given["q"]) is None:
            return []
        listed = searches.tickets(agent, given["search"], given["q"])
        return list(listed.values_list("pk", flat=True)[: work.MOST])
    codes = [read_number(word) for word in given["numbers"].split(",")[:MOST_BY_HAND]]
    seen = Ticket.objects.visible_to(agent).filter(number__in=[code for code in codes if code])
    return list(seen.order_by("due", "pk").values_list("pk", flat=True))

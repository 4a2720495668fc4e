"""Policies: which tickets get which targets, and how far counting has come after a change."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ahadi.desk.forms.policies import PolicyForm
from ahadi.desk.views.access import AgentRequest, for_admins
from ahadi.promises.models import Policy, Progress


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def policies(request: AgentRequest) -> HttpResponse:
    """Every policy that holds, and a new one."""
    form = PolicyForm(request.POST or None)
    if form.is_bound and form.is_valid():
        form.save_as(request.user)
        messages.success(request, _("The policy holds from now on. Open tickets are counted by it."))
        return redirect("desk:policies")
    context = {
        "form": form,
        "found": Policy.objects.standing().select_related("working_hours"),
        "metrics": [(metric.value, str(metric.label)) for metric in Policy.Metric],
        "progress": Progress.objects.filter(name="tickets").first(),
    }
    return render(request, "desk/settings/policies.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def policy(request: AgentRequest, pk: int) -> HttpResponse:
    """One policy; what is changed holds from now on, what was counted stays counted."""
    edited = get_object_or_404(Policy.objects.standing(), pk=pk)
    name = edited.name
    form = PolicyForm(request.POST or None, instance=edited)
    if form.is_bound and form.is_valid():
        form.save_as(request.user)
        messages.success(request, _("The policy was changed. Open tickets are counted by it from now on."))
        return redirect("desk:policies")
    context = {"form": form, "name": name, "pk": pk}
    return render(request, "desk/settings/policy.html", context, status=422 if form.errors else 200)


@require_POST
@for_admins
def ending(request: AgentRequest, pk: int) -> HttpResponse:
    """Nothing is measured by this policy from now on."""
    get_object_or_404(Policy.objects.standing(), pk=pk).end()
    messages.success(request, _("The policy has ended. What was missed by it stays written down."))
    return redirect("desk:policies")

"""Who is believed about incoming mail: nobody, unless an administrator says so."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ahadi.channels.models import Trust
from ahadi.desk.forms.trust import TrustForm
from ahadi.desk.views.access import AgentRequest, for_admins


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def trust(request: AgentRequest) -> HttpResponse:
    """Everything that is believed, and one thing more."""
    form = TrustForm(request.POST or None)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("This is believed from now on."))
        return redirect("desk:trust")
    context = {"form": form, "believed": Trust.objects.select_related("inbox")}
    return render(request, "desk/settings/trust.html", context, status=422 if form.errors else 200)


@require_POST
@for_admins
def doubts(request: AgentRequest, pk: int) -> HttpResponse:
    """Believe something no more."""
    get_object_or_404(Trust, pk=pk).delete()
    messages.success(request, _("This is not believed any more."))
    return redirect("desk:trust")

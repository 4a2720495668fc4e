"""The company: its name, language, time zone and first promise."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ahadi.desk.forms.company import CompanyForm
from ahadi.desk.views.access import AgentRequest, for_admins, for_agents
from ahadi.desk.views.hours import unconfirmed_years
from ahadi.people.models import Agent, Company


@require_safe
@for_agents
def settings(request: AgentRequest) -> HttpResponse:
    """Every page of the settings that this person may open, with what it is for."""
    unconfirmed = unconfirmed_years() if request.user.role == Agent.Role.ADMIN else []
    return render(request, "desk/settings/overview.html", {"unconfirmed": unconfirmed})


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def company(request: AgentRequest) -> HttpResponse:
    """What customers read about the company, and when they are promised an answer."""
    form = CompanyForm(request.POST or None, instance=Company.current())
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("The company was saved."))
        return redirect("desk:company")
    return render(request, "desk/settings/company.html", {"form": form}, status=422 if form.errors else 200)

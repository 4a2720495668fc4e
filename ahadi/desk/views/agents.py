"""Agents: everybody who answers, an invitation, and one person."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ahadi.desk.forms.agents import AgentForm, InvitationForm
from ahadi.desk.views.access import AgentRequest, for_admins, once_more
from ahadi.people import signin
from ahadi.people.models import Agent, Company
from ahadi.tickets.models import Ticket


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
@once_more
def agents(request: AgentRequest) -> HttpResponse:
    """Everybody who answers; an invitation is answered with its link, which is shown this once."""
    company = Company.current()
    form = InvitationForm(request.POST or None, initial={"language": company.language})
    if form.is_bound and form.is_valid():
        return _let_in(request, form.invite(company))
    found = Agent.objects.prefetch_related("teams").order_by("-is_active", "name", "pk")
    context = {"form": form, "agents": found}
    return render(request, "desk/settings/agents.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
@once_more
def agent(request: AgentRequest, pk: int) -> HttpResponse:
    """One person: their name, role and teams, and whether they are still here."""
    edited = get_object_or_404(Agent, pk=pk)
    name, was_active = edited.name, edited.is_active
    form = AgentForm(request.POST or None, instance=edited)
    if form.is_bound and form.is_valid():
        with transaction.atomic():
            form.save()
            if was_active and not edited.is_active:
                _let_go(edited, by=request.user)
        messages.success(request, _("%(name)s was saved.") % {"name": edited.name})
        return redirect("desk:agents")
    devices = UserSession.objects.filter(user=pk).order_by("-last_seen_at")
    context = {"form": form, "pk": pk, "name": name, "was_active": was_active, "devices": devices}
    return render(request, "desk/settings/agent.html", context, status=422 if form.errors else 200)


@require_POST
@for_admins
@once_more
def link(request: AgentRequest, pk: int) -> HttpResponse:
    """A new one-time link for somebody who cannot sign in; it is shown this once."""
    return _let_in(request, get_object_or_404(Agent, pk=pk, is_active=True))


@require_POST
@for_admins
@once_more
def sessions(request: AgentRequest, pk: int) -> HttpResponse:
    """Sign somebody out everywhere: their device was lost, or they are not who they were."""
    signed_out = get_object_or_404(Agent, pk=pk)
    signin.end_sessions(signed_out)
    messages.success(request, _("%(name)s is signed out on every device.") % {"name": signed_out.name})
    return redirect("desk:agent", pk)


def _let_in(request: AgentRequest, invited: Agent) -> HttpResponse:
    if request.POST.get("way") != "mail":
        return _show_link(request, invited)
    signin.send(invited)
    said = _("%(name)s gets a mail with a link that works once, for three days.")
    messages.success(request, said % {"name": invited.name})
    return redirect("desk:agents")


def _show_link(request: AgentRequest, invited: Agent) -> HttpResponse:
    context = {"agent": invited, "link": signin.invite(invited), "lifetime": signin.LIFETIME}
    return render(request, "desk/settings/invited.html", context)


def _let_go(leaving: Agent, by: Agent) -> None:
    # What somebody who is gone owes would be seen by nobody: their teams see it again.
    for ticket in Ticket.objects.filter(assignee=leaving).exclude(status=Ticket.Status.SOLVED):
        ticket.assign(None, by=by)
    leaving.sign_in_links.filter(used=None).delete()
    signin.end_sessions(leaving)

"""Notices: the list behind the bell, what is new, what was read, and browsers that show them while closed."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ahadi.desk.forms.notices import NoticesForm
from ahadi.desk.views.access import AgentRequest, for_agents
from ahadi.lib import clock
from ahadi.notices import push, telling, wishes
from ahadi.notices.models import Notice
from ahadi.people.models import Agent
from ahadi.tickets.models import Ticket
from ahadi.tickets.number import read_number

MOST = 100


@require_safe
@for_agents
def notices(request: AgentRequest) -> HttpResponse:
    """The newest notices, those that nobody has read first."""
    found = Notice.objects.of(request.user).select_related("ticket").order_by("-at")
    shown = [each for each in found[:MOST] if wishes.DESK in wishes.ways(request.user, each.reason)]
    context = {
        "unread": [each for each in shown if each.read is None],
        "earlier": [each for each in shown if each.read is not None],
    }
    return render(request, "desk/notices.html", context)


@require_safe
@for_agents
def news(request: AgentRequest) -> JsonResponse:
    """How many notices wait, and which may be shown in a window of the system."""
    agent = request.user
    waiting = list(Notice.objects.of(agent).unread().select_related("ticket").order_by("-at")[:MOST])
    is_quiet = wishes.is_quiet(agent)
    return JsonResponse(
        {
            "count": sum(wishes.DESK in wishes.ways(agent, each.reason) for each in waiting),
            "tickets": [each.ticket.number for each in waiting],
            "windows": [
                {
                    "id": f"{each.pk}.{each.count}",
                    "title": each.ticket.subject,
                    "body": each.because,
                    "url": f"/desk/open/{each.ticket.number}/",
                    "tag": each.ticket.number,
                }
                for each in waiting
                if not is_quiet and wishes.DESKTOP in wishes.ways(agent, each.reason)
            ],
        }
    )


@require_POST
@for_agents
def readings(request: AgentRequest) -> HttpResponse:
    """A ticket is open before this agent, or everything is read."""
    if request.POST.get("all"):
        Notice.objects.filter(agent=request.user).unread().update(read=clock.now())
        return redirect("desk:notices")
    number = read_number(request.POST.get("ticket", ""))
    ticket = Ticket.objects.visible_to(request.user).filter(number=number).first() if number else None
    if ticket is not None:
        telling.read(request.user, ticket)
    return HttpResponse(status=204)


@require_POST
@for_agents
def browsers(request: AgentRequest) -> HttpResponse:
    """Show this agent's notices in one more browser."""
    try:
        given = json.loads(request.body[:4000])
    except ValueError:
        return HttpResponseBadRequest()
    kept = push.keep(request.user, given if isinstance(given, dict) else {})
    return HttpResponse(status=204 if kept else 422)


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def notifications(request: AgentRequest) -> HttpResponse:
    """What this agent is told about, and on which ways."""
    form = NoticesForm(Agent.objects.get(pk=request.user.pk), request.POST or None)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("Your choice was saved."))
        return redirect("desk:notifications")
    context = {"form": form, "push_key": push.public_key(), "browsers": request.user.browsers.count()}
    return render(request, "desk/settings/notifications.html", context, status=422 if form.errors else 200)


@require_POST
@for_agents
def browser_removal(request: AgentRequest) -> HttpResponse:
    """Show notices in closed browsers no more."""
    request.user.browsers.all().delete()
    messages.success(request, _("No browser shows your notices any more while it is closed."))
    return redirect("desk:notifications")

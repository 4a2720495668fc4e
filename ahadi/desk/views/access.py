"""Who is at the desk, and which doors are for leads and administrators."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows import reauthentication
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from ahadi.desk import thread
from ahadi.people.models import Agent, Company
from ahadi.tickets.models import Ticket

Rest = ParamSpec("Rest")


class AgentRequest(HttpRequest):
    """A request of somebody who signed in."""

    user: Agent
    company: Company


Door = Callable[Concatenate[AgentRequest, Rest], HttpResponse]


class Merged(Exception):
    """Nothing is changed in a ticket that goes on in another one."""


def for_agents(view: Door[Rest]) -> Callable[..., HttpResponse]:
    """Everybody who answers; pages of people are never kept by a cache between."""

    @wraps(view)
    def alive(request: AgentRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Merged as merged:
            messages.warning(request, _("Nothing was changed: this ticket goes on in another one."))
            return redirect("desk:ticket", "open", str(merged))

    return login_required(never_cache(alive))


def for_leads(view: Door[Rest]) -> Callable[..., HttpResponse]:
    """Leads and administrators."""
    return _for(lambda agent: agent.sees_everything, view)


def for_admins(view: Door[Rest]) -> Callable[..., HttpResponse]:
    """Administrators."""
    return _for(lambda agent: agent.is_admin, view)


def once_more(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For dangerous acts: whoever has not shown for ten minutes that it is them does so, then it goes on."""
    guarded: Callable[..., HttpResponse] = reauthentication_required(view, allow_get=True)
    return guarded


def secrets_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For pages where secrets are typed: who it is was shown before, so that no secret waits in a session."""

    @wraps(view)
    def guarded(request: AgentRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if reauthentication.is_reauthentication_required(request, app="account"):
            back = urlencode({REDIRECT_FIELD_NAME: request.get_full_path()})
            return redirect(f"{reverse('account_reauthenticate')}?{back}")
        return view(request, *args, **kwargs)

    return guarded


def ticket_or_404(request: AgentRequest, number: str, *, may_be_merged: bool = False) -> Ticket:
    """The ticket, if this agent may see it; what they may not see does not exist for them."""
    ticket = thread.find(request.user, number.upper())
    if ticket is None:
        raise Http404
    if ticket.merged_into_id is not None and request.method == "POST" and not may_be_merged:
        raise Merged(ticket.number)
    return ticket


def _for(may: Callable[[Agent], bool], view: Door[Rest]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: AgentRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return login_required(never_cache(guarded))

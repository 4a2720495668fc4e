"""Calls about who asks, who answers and where."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from ninja import Query, Router

from ahadi.api import asked, given, shown
from ahadi.api.access import Bearer, visible
from ahadi.api.door import Call
from ahadi.api.pages import page
from ahadi.automation.models import SavedReply
from ahadi.channels.models import Inbox
from ahadi.people import identify
from ahadi.people.models import Address, Agent, Customer, Team

router = Router(tags=["People"])
READ = Bearer("tickets:read")


@router.get(
    "/customers", auth=Bearer("customers:read"), response=given.Page[given.Customer], summary="List customers"
)
def list_customers(
    request: Call, response: HttpResponse, filters: Query[asked.CustomerFilters]
) -> dict[str, Any]:
    """Who asked; an agent who sees some tickets only sees those tickets' customers."""
    rows = Customer.objects.select_related("organization").prefetch_related("addresses")
    if not request.token.agent.sees_everything:
        rows = rows.filter(Exists(visible(request).filter(requester=OuterRef("pk"))))
    if filters.email is not None:
        try:
            value = identify.normalise(Address.Kind.EMAIL, filters.email)
        except identify.Unreadable:
            value = ""
        rows = rows.filter(addresses__kind=Address.Kind.EMAIL, addresses__value=value)
    return page(request, response, rows, filters, shown.customer)


@router.get("/agents", auth=READ, response=given.Page[given.Agent], summary="List agents")
def list_agents(request: Call, response: HttpResponse, filters: Query[asked.Filters]) -> dict[str, Any]:
    """Who answers."""
    return page(request, response, Agent.objects.prefetch_related("teams"), filters, shown.agent)


@router.get("/teams", auth=READ, response=given.Page[given.Team], summary="List teams")
def list_teams(request: Call, response: HttpResponse, filters: Query[asked.Filters]) -> dict[str, Any]:
    """Who answers together."""
    return page(request, response, Team.objects.all(), filters, shown.team)


@router.get("/inboxes", auth=READ, response=given.Page[given.Inbox], summary="List inboxes")
def list_inboxes(request: Call, response: HttpResponse, filters: Query[asked.Filters]) -> dict[str, Any]:
    """Our addresses, and the team each belongs to."""
    return page(request, response, Inbox.objects.select_related("team"), filters, shown.inbox)


@router.get("/saved-replies", auth=READ, response=given.Page[given.SavedReply], summary="List saved replies")
def list_saved_replies(
    request: Call, response: HttpResponse, filters: Query[asked.Filters]
) -> dict[str, Any]:
    """Prepared words for everybody, and for the teams of the token's agent."""
    rows = SavedReply.objects.of(request.token.agent).select_related("team").prefetch_related("texts")
    return page(request, response, rows, filters, shown.saved_reply)

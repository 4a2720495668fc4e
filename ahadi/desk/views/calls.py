"""Calls at the desk: who waits for one, what came of it, and codes that are read out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ahadi.channels import keys
from ahadi.channels.models import Call, PhoneLine
from ahadi.channels.phone import calls as told
from ahadi.channels.phone import numbers, telephony
from ahadi.desk import excerpt
from ahadi.desk.forms.calls import NewCallForm, OutcomeForm
from ahadi.desk.forms.telephony import ExtensionForm
from ahadi.desk.views.access import AgentRequest, for_agents, ticket_or_404
from ahadi.desk.views.tickets import back
from ahadi.lib import clock
from ahadi.people import identify
from ahadi.people.models import Address, Agent
from ahadi.promises import preferences
from ahadi.reports import usual
from ahadi.routing import ringing, waiting
from ahadi.routing.models import Ring
from ahadi.tickets import intake
from ahadi.tickets.intake import Inbound
from ahadi.tickets.models import Ticket
from ahadi.ui import filters

MOST = 50


@require_POST
@for_agents
def codes(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Show a code to read out, this once; that it was given stays in the history."""
    ticket = ticket_or_404(request, number)
    try:
        preferences.respect(ticket, "phone", request.POST.get("against", ""), by=request.user)
    except preferences.Unwanted:
        messages.error(request, _("This customer never wants to be called. Say why you do it all the same."))
        return back(request, search, number)
    code = keys.give_code(ticket, by=request.user)
    if code is None:
        raise Http404
    said = _("Read this out: %(code)s. It opens the request once, within %(minutes)s minutes.")
    minutes = filters.number(keys.CALL_LIFETIME.total_seconds() // 60)
    # Set apart, or a line from right to left would turn the two halves around.
    shown = f"\u2066{code[:4]} {code[4:]}\u2069"
    messages.success(request, said % {"code": shown, "minutes": minutes})
    return back(request, search, number)


@require_safe
@for_agents
def calls(request: AgentRequest) -> HttpResponse:
    """Who waits, who is to be called when, how soon people were called, and the newest calls."""
    is_seen = Ticket.objects.visible_to(request.user).named_by("ticket")
    rings = Ring.objects.open().filter(is_seen).select_related("ticket__requester")[:MOST]
    wanted = Call.objects.open().filter(is_seen, direction=Call.Direction.OUT, ring=None)
    done = Call.objects.exclude(outcome="").filter(is_seen)
    context = {
        "rings": rings,
        "wanted": wanted.select_related("ticket__requester", "address").order_by("wanted")[:MOST],
        "mine": told.of_agent(request.user),
        "done": done.select_related("ticket__requester", "agent").order_by("-ended", "-pk")[:MOST],
        "is_quiet": bool(request.user.preferences.get(ringing.QUIET)),
        "waits": [(cause, waiting.measured(cause)) for cause in Ring.Cause],
        "rung": waiting.rung(Ring.Cause.CALL),
        "length": usual.length,
        "number": numbers.shown,
        "has_lines": PhoneLine.objects.filter(is_active=True, kind__in=list(telephony.SYSTEMS)).exists(),
        "extension": ExtensionForm(initial={"extension": request.user.preferences.get(telephony.EXTENSION)}),
    }
    return render(request, "desk/calls.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def call(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """One call with this customer: dial, then write down in a press what came of it."""
    ticket = ticket_or_404(request, number)
    form = OutcomeForm(request.POST or None, ticket=ticket, initial=_begun(request, ticket))
    if request.method == "POST" and form.is_valid():
        try:
            entry = told.write_down(ticket, form.told, by=request.user)
        except preferences.Unwanted as error:
            said = {
                preferences.NEVER: _("This customer never wants to be called. Say why you did."),
                preferences.HOURS: _("This customer is not called at this hour. Say why you did."),
            }
            form.add_error("against", said[str(error)])
        else:
            messages.success(request, _("The call is written down."))
            return back(request, search, ticket.number, f"e{entry.seq}")
    context = _about(request.user, ticket, form, search)
    return render(request, "desk/call.html", context, status=422 if form.is_bound else 200)


@require_POST
@for_agents
def recording(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Pause the recording, or let it go on; what was written down so far stays in the form."""
    ticket = ticket_or_404(request, number)
    try:
        telephony.pause(ticket, request.user, is_paused=request.POST.get("pause") == "1")
    except telephony.Failed as error:
        said = _("The telephone system did not do it (%(why)s): the recording is as it was.")
        messages.error(request, said % {"why": error})
    form = OutcomeForm(ticket=ticket, initial=request.POST.dict())
    return render(request, "desk/call.html", _about(request.user, ticket, form, search))


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def new(request: AgentRequest) -> HttpResponse:
    """Somebody called about something new."""
    first = {"number": request.GET.get("number", "")[:40]}
    form = NewCallForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        ticket = _begin(request, form.cleaned_data)
        messages.success(
            request,
            _("The call is written down; the request has the code %(code)s.")
            % {"code": f"\u2066{ticket.number}\u2069"},
        )
        return redirect("desk:ticket", "open", ticket.number)
    return render(request, "desk/new_call.html", {"form": form}, status=422 if form.is_bound else 200)


@transaction.atomic
def _begin(request: AgentRequest, given: dict[str, Any]) -> Ticket:
    address = identify.find_or_create(Address.Kind.PHONE, given["number"], given["name"], given["language"])
    ticket = intake.receive(
        Inbound(
            channel=told.PHONE,
            address=address,
            text=given["wish"],
            new_text=given["wish"],
            language=given["language"],
            is_language_certain=True,
            team=request.user.teams.order_by("pk").first(),
            data={"call": {"direction": "in"}},
        )
    ).ticket
    if ticket.assignee_id is None:
        ticket.assign(request.user, by=request.user)
    if given["text"].strip():
        outcome = told.Outcome(
            Call.Outcome.REACHED,
            direction=Call.Direction.IN,
            text=given["text"],
            step=given["step"].strip(),
            due=given["due"],
            solve=given["solve"],
            number=address,
        )
        told.write_down(ticket, outcome, by=request.user)
    elif given["due"]:
        ticket.promise(given["step"].strip(), given["due"], by=request.user)
    return ticket


def _begun(request: AgentRequest, ticket: Ticket) -> dict[str, str]:
    """A call that somebody made to us is not one of ours."""
    direction = request.GET.get("direction", "out")
    return {"direction": direction if direction in ("in", "out") else "out"}


def _about(agent: Agent, ticket: Ticket, form: OutcomeForm, search: str) -> dict[str, Any]:
    standing = told.standing(ticket)
    known = standing.address if standing else next(iter(form.numbers.values()), None)
    running = telephony.running(ticket, agent)
    return {
        "ticket": ticket,
        "form": form,
        "search_code": search,
        "standing": standing,
        "words": excerpt.newest([ticket]).get(ticket.pk, ""),
        "shown": numbers.shown(known.value) if known else "",
        "dial": numbers.link(known.value) if known else "",
        "starts": standing is not None and telephony.line_for(agent) is not None,
        "is_recorded": running is not None,
        "is_paused": running is not None and telephony.is_paused(ticket, running),
        "objection": preferences.objection(ticket, told.PHONE, clock.now()),
    }

"""Talks that are ended: the warning, the end, and the lead who looks at it again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ahadi.complaints import ending as talks
from ahadi.complaints.models import Ending
from ahadi.desk.forms.endings import KEEP, ReviewForm, WarningForm
from ahadi.desk.views.access import AgentRequest, for_agents, for_leads, ticket_or_404
from ahadi.tickets.models import Ticket


@require_safe
@for_leads
def endings(request: AgentRequest) -> HttpResponse:
    """Ended talks that wait for a lead who had no part in them."""
    return render(request, "desk/endings.html", {"endings": talks.to_review(request.user)})


@require_safe
@for_agents
def ending(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Where the talk of a ticket stands, and the next thing that may be done."""
    return _show(request, ticket_or_404(request, number))


@require_POST
@for_agents
def warning(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Send the customer the warning."""
    ticket = ticket_or_404(request, number)
    form = WarningForm(request.POST)
    if not form.is_valid():
        return _show(request, ticket, form=form)
    try:
        talks.warn(ticket, form.cleaned_data["reason"], form.cleaned_data["account"], by=request.user)
    except talks.NotPossible as error:
        return _refuse(request, ticket, error)
    return _back(request, ticket, _("The warning is on its way."))


@require_POST
@for_agents
def conclusion(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """End the talk; the letter that says so goes out."""
    ticket = ticket_or_404(request, number)
    try:
        talks.conclude(ticket, by=request.user)
    except talks.NotPossible as error:
        return _refuse(request, ticket, error)
    return _back(request, ticket, _("The talk is ended. A lead looks at it again."))


@require_POST
@for_agents
def review(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Say whether the end was right."""
    ticket = ticket_or_404(request, number)
    found = talks.standing(ticket)
    form = ReviewForm(request.POST)
    if found is None or not form.is_valid():
        return _show(request, ticket, form=form)
    is_right = form.cleaned_data["decision"] == KEEP
    try:
        talks.review(found, is_right, form.cleaned_data["finding"], by=request.user)
    except talks.NotPossible as error:
        return _refuse(request, ticket, error)
    return _back(
        request, ticket, _("The end stays.") if is_right else _("The talk goes on; the customer knows.")
    )


def _show(request: AgentRequest, ticket: Ticket, form: BaseForm | None = None) -> HttpResponse:
    found = talks.standing(ticket)
    may_review = found is not None and talks.reviewers(found).filter(pk=request.user.pk).exists()
    obstacle = talks.obstacle(ticket)
    context: dict[str, Any] = {
        "ticket": ticket,
        "ending": found,
        "obstacle": obstacle,
        "may_end": found is not None and not obstacle and talks.may_end(found),
        "may_review": may_review,
        "warning_form": form if isinstance(form, WarningForm) else WarningForm(),
        "review_form": form if isinstance(form, ReviewForm) else ReviewForm(),
        # The letter exactly as it would leave now.
        "letter": talks.farewell(ticket, found) if found and found.state == "warned" else "",
        "warning": talks.warning(ticket, Ending.Reason.INSULTS),
    }
    return render(request, "desk/ending.html", context, status=422 if form else 200)


def _refuse(request: AgentRequest, ticket: Ticket, error: talks.NotPossible) -> HttpResponse:
    messages.warning(request, obstacle_words(error.code))
    return redirect("desk:ending", "tickets", ticket.number)


def _back(request: AgentRequest, ticket: Ticket, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("desk:ending", "tickets", ticket.number)


def obstacle_words(code: str) -> str:
    """Why it is not possible, as agents read it."""
    return {
        "complaint": _(
            "A formal complaint about this waits for its decision. Until then the talk stays open."
        ),
        "solved": _("The ticket is solved; there is no talk to end."),
        "unwarned": _("A talk is ended only after a warning, and only when it went on after that."),
        "ended": _("This talk was ended already."),
        "reviewed": _("Somebody has looked at it already."),
    }[code]

"""Telephone lines, their doors and secrets; each agent's own telephone; calls that are started."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ahadi.channels.models import PhoneLine
from ahadi.channels.phone import calls, telephony, twilio
from ahadi.desk.forms.telephony import ExtensionForm, LineForm
from ahadi.desk.views.access import AgentRequest, for_admins, for_agents, secrets_page, ticket_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
@secrets_page
def lines(request: AgentRequest) -> HttpResponse:
    """Every line, and one more."""
    return _edit(request, PhoneLine())


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
@secrets_page
def line(request: AgentRequest, pk: int) -> HttpResponse:
    """One line."""
    return _edit(request, get_object_or_404(PhoneLine, pk=pk))


@require_POST
@for_agents
def own(request: AgentRequest) -> HttpResponse:
    """Where an agent's own telephone is."""
    form = ExtensionForm(request.POST)
    if form.is_valid():
        extension = {telephony.EXTENSION: form.cleaned_data["extension"]}
        request.user.preferences = {**request.user.preferences, **extension}
        request.user.save(update_fields=["preferences"])
        messages.success(request, _("Saved."))
    else:
        messages.error(request, " ".join(map(str, form.errors["extension"])))
    return redirect("desk:calls")


@require_POST
@for_agents
def start(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Let the telephone system ring here and then at the customer's."""
    ticket = ticket_or_404(request, number)
    standing = calls.standing(ticket)
    try:
        if standing is None or standing.agent_id != request.user.pk:
            raise telephony.Failed("nobody asked for this call")
        telephony.start(standing, request.user)
        messages.success(request, _("Your telephone rings; when you answer, the customer is called."))
    except telephony.Failed as error:
        said = _("The telephone system did not start the call (%(why)s). Dial the number yourself.")
        messages.error(request, said % {"why": error})
    return redirect("desk:call", search, ticket.number)


def _edit(request: AgentRequest, edited: PhoneLine) -> HttpResponse:
    form = LineForm(request.POST or None, instance=edited)
    if form.is_bound and form.is_valid():
        kept = form.save(commit=False)
        given = form.cleaned_data["secret"]
        made = "" if given or kept.sealed_secret else "whsec_" + secrets.token_urlsafe(24)
        if given or made:
            kept.keep(given or made)
        kept.save()
        if made:
            said = _("Copy this secret now; it is not shown again: %(secret)s")
            messages.warning(request, said % {"secret": f"\u2066{made}\u2069"})
        messages.success(request, _("Saved."))
        return redirect("desk:phone_line", kept.pk)
    found = [(each, twilio.address_of(each)) for each in PhoneLine.objects.select_related("team")]
    context = {"form": form, "lines": found, "edited": edited if edited.pk else None}
    return render(request, "desk/settings/telephony.html", context, status=422 if form.errors else 200)

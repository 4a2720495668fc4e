"""Inboxes: every address of ours, a new one, and one to change."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ahadi.channels.models import Inbox
from ahadi.desk.forms.inboxes import InboxForm, NewInboxForm
from ahadi.desk.views.access import AgentRequest, for_admins


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def inboxes(request: AgentRequest) -> HttpResponse:
    """Every inbox, a new one, and what the mail server has to be told."""
    form = NewInboxForm(request.POST or None)
    if form.is_bound and form.is_valid():
        made = form.save()
        messages.success(request, _("The inbox %(address)s was added.") % {"address": made.address})
        return redirect("desk:inboxes")
    context = {
        "form": form,
        "inboxes": Inbox.objects.select_related("team"),
        "door": f"{door.host}:{door.port}" if (door := settings.AHADI_SMTP_IN) else "",
        "sends": bool(settings.AHADI_SMTP_OUT),
    }
    return render(request, "desk/settings/inboxes.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def inbox(request: AgentRequest, pk: int) -> HttpResponse:
    """One inbox: its name, address, team and language."""
    edited = get_object_or_404(Inbox, pk=pk)
    address = edited.address
    form = InboxForm(request.POST or None, instance=edited)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("The inbox %(address)s was saved.") % {"address": edited.address})
        return redirect("desk:inboxes")
    context = {"form": form, "address": address}
    return render(request, "desk/settings/inbox.html", context, status=422 if form.errors else 200)

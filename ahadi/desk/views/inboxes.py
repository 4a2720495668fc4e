"""Inboxes: every address of ours, a new one, and one to change."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ahadi.channels.email import trouble
from ahadi.channels.models import Inbox, MailServer, RawMessage
from ahadi.desk.forms.inboxes import InboxForm, NewInboxForm
from ahadi.desk.views.access import AgentRequest, for_admins
from ahadi.lib import clock
from ahadi.people.models import Company


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def inboxes(request: AgentRequest) -> HttpResponse:
    """Every inbox, a new one, and what the mail server has to be told."""
    form = NewInboxForm(request.POST or None)
    if form.is_bound and form.is_valid():
        made = form.save()
        messages.success(request, _("The inbox %(address)s was added.") % {"address": made.address})
        return redirect("desk:inbox", made.pk)
    found = list(Inbox.objects.select_related("team").prefetch_related("servers"))
    context = {
        "form": form,
        "inboxes": found,
        "today": _today(found),
        "silent": set(MailServer.objects.silent().values_list("pk", flat=True)),
        "explain": trouble.explain,
        "door": f"{door.host}:{door.port}" if (door := settings.AHADI_SMTP_IN) else "",
        "sends": bool(settings.AHADI_SMTP_OUT) or any(inbox.outgoing for inbox in found),
    }
    return render(request, "desk/settings/inboxes.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def inbox(request: AgentRequest, pk: int) -> HttpResponse:
    """One inbox: its name, address, team and language, and the servers it fetches from and sends through."""
    edited = get_object_or_404(Inbox.objects.prefetch_related("servers"), pk=pk)
    address = edited.address
    form = InboxForm(request.POST or None, instance=edited)
    if form.is_bound and form.is_valid():
        form.save()
        if edited.incoming is not None:
            # What is fetched from now on belongs to the new address.
            edited.incoming.stir()
        messages.success(request, _("The inbox %(address)s was saved.") % {"address": edited.address})
        return redirect("desk:inboxes")
    context = {
        "form": form,
        "inbox": edited,
        "address": address,
        "today": _today([edited]),
        "silent": set(MailServer.objects.silent().filter(inbox=pk).values_list("pk", flat=True)),
        "explain": trouble.explain,
    }
    return render(request, "desk/settings/inbox.html", context, status=422 if form.errors else 200)


def _today(found: list[Inbox]) -> dict[int, int]:
    """How many mails came since midnight of the company, by inbox."""
    zone = ZoneInfo(Company.current().time_zone)
    midnight = clock.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    came = RawMessage.objects.filter(inbox__in=found, received__gte=midnight).order_by()
    return dict(came.values_list("inbox").annotate(Count("pk")))

"""The servers of an inbox: where its mail is fetched and sent, tried out, paused and taken away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ahadi.channels import silence
from ahadi.channels.email import presets, trials
from ahadi.channels.models import Grant, Inbox, MailServer
from ahadi.desk.forms.servers import ServerForm
from ahadi.desk.views.access import AgentRequest, for_admins, once_more, secrets_page

# Seconds between two looks at a test that is still running.
LOOK_AGAIN = "2"


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
@secrets_page
def server(request: AgentRequest, pk: int, way: str) -> HttpResponse:
    """Where the mail of an inbox is fetched, or sent, and how to sign in there."""
    inbox = get_object_or_404(Inbox, pk=pk)
    given: dict[str, Any] = {
        "instance": MailServer.objects.filter(inbox=inbox, way=_known(way)).first(),
        "inbox": inbox,
        "way": way,
        "preset": presets.likely(inbox.address, request.GET.get("provider", "")),
    }
    form = ServerForm(request.POST or None, **given)
    if form.is_bound and form.is_valid():
        saved = form.save()
        silence.forget()
        if not saved.uses_password and not _has_grant(saved):
            return redirect("desk:consent", pk)
        trials.ask(saved)
        return redirect("desk:server_trial", pk, way)
    context = {"form": form, "inbox": inbox, "way": way, "server": given["instance"]}
    return render(request, "desk/settings/server.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def trial(request: AgentRequest, pk: int, way: str) -> HttpResponse:
    """What a test of the server finds, step by step; POST begins one."""
    tried = _server(pk, way)
    if request.method == "POST":
        trials.ask(tried)
        return redirect("desk:server_trial", pk, way)
    is_running = trials.is_running(tried)
    context = {
        "server": tried,
        "inbox": tried.inbox,
        "is_running": is_running,
        "has_worked": trials.has_worked(tried),
        "explained": trials.explained(tried),
    }
    answer = render(request, "desk/settings/server_trial.html", context)
    if is_running:
        answer["Refresh"] = LOOK_AGAIN
    return answer


@require_POST
@for_admins
def pause(request: AgentRequest, pk: int) -> HttpResponse:
    """Stop fetching for a while, or go on where it stopped."""
    paused = _server(pk, MailServer.Way.IN)
    paused.is_paused = "on" in request.POST
    paused.save(update_fields=["is_paused"])
    paused.stir()
    silence.forget()
    if paused.is_paused:
        messages.success(request, _("Nothing is fetched until you let it go on. Nothing is lost meanwhile."))
    else:
        messages.success(request, _("Mail is fetched now, and whenever some arrives."))
    return redirect("desk:inbox", pk)


@require_POST
@for_admins
@once_more
def removal(request: AgentRequest, pk: int, way: str) -> HttpResponse:
    """Forget the server with its password and how far it was fetched."""
    gone = _server(pk, way)
    gone.delete()
    if not MailServer.objects.filter(inbox=pk).exclude(sign_in=MailServer.SignIn.PASSWORD).exists():
        Grant.objects.filter(inbox=pk).delete()
    silence.forget()
    messages.success(request, _("The server and its password are forgotten. What was fetched stays."))
    return redirect("desk:inbox", pk)


def _server(pk: int, way: str) -> MailServer:
    return get_object_or_404(MailServer.objects.select_related("inbox"), inbox=pk, way=_known(way))


def _known(way: str) -> str:
    if way not in MailServer.Way.values:
        raise Http404
    return way


def _has_grant(server: MailServer) -> bool:
    return Grant.objects.filter(inbox=server.inbox_id, provider=server.sign_in).exists()

"""Signing in at Google or Microsoft for an inbox: ask there, come back, and keep the permission sealed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ahadi.channels.email import oauth, trials, trouble
from ahadi.channels.email.trouble import Trouble
from ahadi.channels.models import Grant, Inbox, MailServer, OAuthClient
from ahadi.desk.forms.servers import ClientForm
from ahadi.desk.views.access import AgentRequest, for_admins, secrets_page

# What was asked, kept in the session of the browser that asked, until the answer comes.
ASKED = "consent"


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
@secrets_page
def consent(request: AgentRequest, pk: int) -> HttpResponse:
    """Register this installation, then send the browser to the provider with one click more."""
    inbox = get_object_or_404(Inbox, pk=pk)
    provider = oauth.PROVIDERS[_provider(inbox)]
    client = OAuthClient.objects.filter(provider=provider.code).first()
    form = ClientForm(request.POST or None, instance=client or OAuthClient(provider=provider.code))
    context: dict[str, Any] = {
        "form": form,
        "inbox": inbox,
        "provider": provider.name,
        "address": _address(),
        "is_registered": client is not None,
        "granted": Grant.objects.filter(inbox=inbox, provider=provider.code).first(),
    }
    if form.is_bound and form.is_valid():
        question = oauth.ask(form.save(), inbox, _address())
        request.session[ASKED] = {"inbox": pk, "state": question.state, "verifier": question.verifier}
        # A link, because the policy of the page lets no form lead away.
        context["link"] = question.url
    return render(request, "desk/settings/consent.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def answer(request: AgentRequest) -> HttpResponse:
    """Where the provider sends the browser back to; the tokens are fetched by a POST alone."""
    asked = request.session.get(ASKED)
    given = request.POST if request.method == "POST" else request.GET
    if not asked or not constant_time_compare(given.get("state", ""), asked["state"]):
        messages.error(request, _("This answer belongs to no question of this browser. Please begin again."))
        return redirect("desk:inboxes")
    inbox = get_object_or_404(Inbox, pk=asked["inbox"])
    if given.get("error") or not given.get("code"):
        del request.session[ASKED]
        messages.error(request, _("Access was not allowed there, so nothing has changed."))
        return redirect("desk:consent", inbox.pk)
    if request.method != "POST":
        context = {"inbox": inbox, "state": given["state"], "code": given["code"]}
        return render(request, "desk/settings/consent_answer.html", context)
    del request.session[ASKED]
    return _finish(request, inbox, given["code"], asked["verifier"])


def _finish(request: AgentRequest, inbox: Inbox, code: str, verifier: str) -> HttpResponse:
    client = get_object_or_404(OAuthClient, provider=_provider(inbox))
    try:
        oauth.take(client, inbox, code, verifier, _address())
    except Trouble as found:
        explained = trouble.explain(found.code)
        messages.error(request, f"{explained.what} {explained.next}")
        return redirect("desk:consent", inbox.pk)
    server = MailServer.objects.filter(inbox=inbox, sign_in=client.provider).order_by("way").first()
    if server is None:
        return redirect("desk:inbox", inbox.pk)
    trials.ask(server)
    return redirect("desk:server_trial", inbox.pk, server.way)


def _provider(inbox: Inbox) -> str:
    """The provider that a server of this inbox signs in at; without one there is nothing to ask."""
    chosen = MailServer.objects.filter(inbox=inbox, sign_in__in=list(oauth.PROVIDERS))
    code = chosen.order_by("way").values_list("sign_in", flat=True).first()
    if code is None:
        raise Http404
    return str(code)


def _address() -> str:
    return f"{settings.AHADI_URL}{reverse('desk:consent_answer')}"

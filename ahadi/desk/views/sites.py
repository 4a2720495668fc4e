"""Websites with the chat: each with what is copied into its pages, and its keys."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ahadi.channels.models import Site, SiteKey
from ahadi.desk.forms.sites import SiteForm, SiteKeyForm
from ahadi.desk.views.access import AgentRequest, for_admins, secrets_page
from ahadi.lib import clock


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def sites(request: AgentRequest) -> HttpResponse:
    """Every website, and a new one."""
    form = SiteForm(request.POST or None)
    if form.is_bound and form.is_valid():
        made = form.save()
        messages.success(request, _("The website was added. Now copy the line below into its pages."))
        return redirect("desk:site", made.pk)
    context = {"form": form, "sites": Site.objects.select_related("team")}
    return render(request, "desk/settings/sites.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def site(request: AgentRequest, pk: int) -> HttpResponse:
    """One website: its addresses, who answers, what is copied into its pages."""
    edited = get_object_or_404(Site, pk=pk)
    form = SiteForm(request.POST or None, instance=edited)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("The website was saved."))
        return redirect("desk:sites")
    return _page(request, edited, form, SiteKeyForm())


@require_POST
@for_admins
@secrets_page
def site_keys(request: AgentRequest, pk: int) -> HttpResponse:
    """Add a key; its secret is shown this once."""
    edited = get_object_or_404(Site, pk=pk)
    form = SiteKeyForm(request.POST)
    if not form.is_valid():
        return _page(request, edited, SiteForm(instance=edited), form)
    key, secret = form.add_to(edited)
    return _page(request, edited, SiteForm(instance=edited), SiteKeyForm(), key, secret)


@require_POST
@for_admins
def site_key_removal(request: AgentRequest, pk: int, key: int) -> HttpResponse:
    """What this key signed is believed no more."""
    SiteKey.objects.filter(pk=key, site=pk, revoked=None).update(revoked=clock.now())
    messages.success(request, _("The key is good for nothing any more."))
    return redirect("desk:site", pk)


def _page(
    request: AgentRequest,
    edited: Site,
    form: SiteForm,
    key_form: SiteKeyForm,
    key: SiteKey | None = None,
    secret: str = "",
) -> HttpResponse:
    address = urlsplit(settings.AHADI_URL)
    origin = f"{address.scheme}://{address.netloc}"
    context = {
        "form": form,
        "key_form": key_form,
        "site": edited,
        "keys": edited.keys.filter(revoked=None).order_by("pk"),
        "made": key,
        "secret": secret,
        "snippet": f'<script async src="{origin}/widget.js" data-site="{edited.key}"></script>',
        "policy": f"script-src {origin}; frame-src {origin}",
    }
    wrong = form.errors or key_form.errors
    return render(request, "desk/settings/site.html", context, status=422 if wrong else 200)

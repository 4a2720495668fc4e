"""The door for one-time sign-in links."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ahadi.lib import store
from ahadi.people import entrance, signin
from ahadi.people.models import Agent


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button, POST signs in: scanners that open every link in a mail change nothing."""
    if request.method == "POST":
        agent = signin.redeem(token)
        if agent is not None:
            login(request, agent, backend="allauth.account.auth_backends.AuthenticationBackend")
            # The list of devices knows who came with a password; who came with a link can be sent away too.
            UserSession.objects.create_from_request(request)
            entrance.note(request, agent)
            return redirect("/desk/")
    link = signin.find(token)
    answer = render(request, "people/sign_in.html", {"link": link}, status=200 if link else 410)
    # The token tells no other site. With "no-referrer" the browser would not say where the button was
    # pressed either, and the form would be refused.
    answer["Referrer-Policy"] = "same-origin"
    return answer


@require_POST
@login_required
def session_ending(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign this agent out on one device."""
    get_object_or_404(UserSession, pk=pk, user=request.user).end()
    messages.success(request, _("You are signed out on that device."))
    return redirect("usersessions_list")


@require_safe
@cache_control(max_age=300, private=True)
def photo(request: HttpRequest, pk: int) -> HttpResponse:
    """An agent's picture, which customers see beside the first name."""
    agent = get_object_or_404(Agent.objects.exclude(photo=""), pk=pk)
    try:
        content = store.read(agent.photo)
    except FileNotFoundError as error:
        raise Http404 from error
    kind = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
    return HttpResponse(content, content_type=kind, headers={"Content-Security-Policy": "sandbox"})

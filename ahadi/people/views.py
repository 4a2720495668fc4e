"""The door for one-time sign-in links."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ahadi.people import signin


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button, POST signs in: scanners that open every link in a mail change nothing."""
    if request.method == "POST":
        agent = signin.redeem(token)
        if agent is not None:
            login(request, agent, backend="allauth.account.auth_backends.AuthenticationBackend")
            return redirect("/desk/")
    link = signin.find(token)
    answer = render(request, "people/sign_in.html", {"link": link}, status=200 if link else 410)
    answer["Referrer-Policy"] = "no-referrer"
    return answer

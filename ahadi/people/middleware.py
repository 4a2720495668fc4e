"""What the pages of allauth answer, brought into line with the others."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from allauth.usersessions.models import UserSession
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from ahadi.lib import clock
from ahadi.people import entrance

PAGES = "/accounts/"
DESK = "/desk/"
# How exact "last seen" is.
SEEN_WITHIN = 900


class EntranceMiddleware:
    """Leads agents who need a second factor to the page where they choose it, and notes who was seen."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(DESK) and request.session.get(entrance.SET_UP):
            if not entrance.has_factor(request.user):
                return redirect("mfa_index")
            del request.session[entrance.SET_UP]
        if request.path.startswith(DESK):
            _note_seen(request)
        return self.answer(request)

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        """Offer the company's own account where one signs in."""
        if request.path == reverse("account_login") and (known := entrance.Entrance.current()).has_provider:
            response.context_data = {**(response.context_data or {}), "company_account": known}
            # Pressing the button leads to the provider, which the browser counts as sending a form there.
            parts = urlsplit(known.issuer)
            place = [f"{parts.scheme}://{parts.netloc}"]
            response._csp_update = {"form-action": place}  # type: ignore[attr-defined]
        return response


def _note_seen(request: HttpRequest) -> None:
    now, seen = int(clock.now().timestamp()), request.session.get(entrance.SEEN)
    if seen is not None and now - seen > SEEN_WITHIN:
        request.session[entrance.SEEN] = now
        here = UserSession.objects.filter(session_key=request.session.session_key)
        here.update(last_seen_at=clock.now())


class WrongInputMiddleware:
    """Answers 422 where allauth shows a form again with what is wrong in it."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        """Look into the forms of a page before it is drawn."""
        if request.method == "POST" and response.status_code == 200 and request.path.startswith(PAGES):
            shown = (response.context_data or {}).values()
            if any(isinstance(form, BaseForm) and form.errors for form in shown):
                response.status_code = 422
        return response

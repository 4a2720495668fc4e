"""What all pages have in common: the reader's language and time zone, and what a browser may load."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django.utils.translation.trans_real import parse_accept_lang_header

from ahadi.people.models import Company

TIME_ZONE_COOKIE = "time_zone"
# Where an agent reads what is for agents.
OWN_PAGES = ("/desk/", "/accounts/")
# Browsers still send the code that Hebrew had before 1989.
OLD_CODES = {"iw": "he"}
# Stands for the nonce in the policy that is written once for all answers.
NONCE = "nonce-of-one-answer"


class ReaderMiddleware:
    """Speaks the reader's language and tells the reader's time; `request.company` is found when asked for."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.company = SimpleLazyObject(Company.current)  # type: ignore[attr-defined]
        language = language_of(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        timezone.activate(ZoneInfo(time_zone_of(request)))
        try:
            response = self.answer(request)
        finally:
            timezone.deactivate()
        patch_vary_headers(response, ("Accept-Language",))
        response.headers.setdefault("Content-Language", language)
        return response


class PolicyMiddleware(CSPMiddleware):
    """The library's own, which writes the policy anew only for answers that have one of their own."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        nonce = getattr(request, "_csp_nonce", None)
        if nonce is None or HEADER in response or any(name.startswith("_csp_") for name in vars(response)):
            return super().process_response(request, response)
        response.headers[HEADER] = _policy().replace(NONCE, nonce)
        return response


@cache
def _policy() -> str:
    return str(build_policy(nonce=NONCE))


def language_of(request: HttpRequest) -> str:
    """At the desk the agent's own; else the one chosen here before, the browser's, the company's."""
    offered = dict(settings.LANGUAGES)
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    # An agent who looks at the customers' pages may choose as customers do.
    if chosen in offered and not (request.user.is_authenticated and request.path.startswith(OWN_PAGES)):
        return str(chosen)
    if request.user.is_authenticated and request.user.language in offered:
        return request.user.language
    for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        short = code.partition("-")[0]
        if (known := OLD_CODES.get(short, short)) in offered:
            return known
    return str(request.company.language)  # type: ignore[attr-defined]


def time_zone_of(request: HttpRequest) -> str:
    """An agent's own, else the browser's, else the company's."""
    if request.user.is_authenticated:
        return request.user.time_zone
    told = request.COOKIES.get(TIME_ZONE_COOKIE, "").replace("%2F", "/")
    # Asking for all zones reads the disk: only when there is one to look for.
    return told if told and told in available_timezones() else str(request.company.time_zone)  # type: ignore[attr-defined]

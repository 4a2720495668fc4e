"""The choice of language, pages for when something went wrong, and the components page."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from ahadi.ui import specimens


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Remembers the language chosen and leads back; an agent's choice is kept with the agent."""
    answer = set_language(request)
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        request.user.language = chosen
        request.user.save(update_fields=["language"])
    return answer


@require_safe
def ui(request: HttpRequest) -> HttpResponse:
    """Every component, in both directions and both colour schemes."""
    return render(request, "ui/specimens.html", {"scenes": specimens.scenes(request)})


@dataclass(frozen=True)
class Fault:
    """What happened, what is safe, what next."""

    status: int
    heading: str
    safe: str
    next: str
    home: str = "/"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the browser sent something that makes no sense here."""
    return _answer(
        request,
        400,
        _("We could not read that."),
        _("Nothing was changed."),
        _("Go back, reload the page and try once more."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: known, but not for this reader; where a rule of the house says why, its sentence is shown."""
    return _answer(
        request,
        403,
        str(exception or "") or _("You may not open this."),
        _("Nothing was changed."),
        _("If you should be able to, ask an administrator for access."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was open for too long, or its cookie was lost."""
    return _answer(
        request,
        403,
        _("This form was open for too long."),
        _("Nothing was sent, and nothing was lost: go back and your words are still there."),
        _("Reload the page and send it again. Cookies must be allowed for this site."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: not here, or not for this reader."""
    return _answer(
        request,
        404,
        _("There is nothing at this address."),
        _("If you wrote to us, your request is safe: every message is kept."),
        _("Check the address for a typing error, or open your request with its tracking code."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our mistake."""
    return _answer(
        request,
        500,
        _("Something went wrong on our side."),
        _("What was saved before is safe."),
        _("Please try once more in a minute. If it happens again, tell us what you were doing."),
    )


def _answer(request: HttpRequest, status: int, heading: str, safe: str, then: str) -> HttpResponse:
    fault = Fault(status, heading, safe, then, "/desk/" if request.path.startswith("/desk/") else "/")
    is_piece = bool(request.headers.get("HX-Request"))
    return render(request, "ui/_fault.html" if is_piece else "ui/error.html", {"fault": fault}, status=status)

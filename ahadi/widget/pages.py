"""The loader that websites embed, and the panel's own document inside its frame."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from ahadi.channels.chat import sites
from ahadi.people.models import Company
from ahadi.widget import loader, shown
from ahadi.widget.views import LARGEST_FILE

# Within a day every page has the newest loader; asking whether it is still the same costs nothing.
LASTS = "public, max-age=3600, stale-while-revalidate=86400"


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """The loader: the same for everybody, naming nobody."""
    etag = loader.etag()
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(loader.script(), "text/javascript; charset=utf-8")
    response["ETag"], response["Cache-Control"] = etag, LASTS
    # Pages of other origins load it, also those that isolate themselves.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
@xframe_options_exempt
def frame(request: HttpRequest) -> HttpResponse:
    """The panel's document, which only the site's own pages may show."""
    site = sites.find(request.GET.get("site", ""))
    origin = request.GET.get("origin", "")
    scheme = request.GET.get("theme", "")
    language = request.GET.get("lang", "").partition("-")[0]
    own = site.language if site else ""
    is_spoken = language in dict(settings.LANGUAGES)
    with translation.override(language if is_spoken else own or Company.current().language):
        if site is None or not sites.allows(site, origin):
            response = render(request, "widget/refused.html", {"origin": origin}, status=403)
            ancestors = _reader(origin)
        else:
            context = {
                "site": site,
                "company": Company.current().name,
                "origin": origin,
                "scheme": scheme if scheme in ("light", "dark") else "",
                "availability": shown.house(site.team),
                "max_file": LARGEST_FILE,
            }
            response = render(request, "widget/frame.html", context)
            ancestors = list(site.origins)
        response["Content-Language"] = translation.get_language()
    response._csp_replace = {  # type: ignore[attr-defined]
        "script-src": ["'self'"],
        "frame-src": ["'none'"],
        "frame-ancestors": ancestors,
    }
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _reader(origin: str) -> list[str]:
    """Whoever builds the page reads inside the frame why it was refused; nothing can be done there."""
    try:
        return [sites.normalise(origin)] if "*" not in origin else ["'none'"]
    except ValueError:
        return ["'none'"]

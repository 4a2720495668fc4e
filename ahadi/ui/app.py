"""The desk as an app on a phone: its manifest, its icons, its worker and the page without a connection."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

FOLDER = Path(__file__).parent / "static" / "ui" / "app"
SIZES = (192, 512)


@require_safe
@cache_control(max_age=3600, private=True)
def manifest(request: HttpRequest) -> JsonResponse:
    """What a browser asks before it puts the desk among the apps."""
    icons = [
        {"src": f"/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in SIZES
        for purpose in ("any", "maskable")
    ]
    described = {
        "id": "/desk/",
        "name": _("Ahadi desk"),
        "short_name": "Ahadi",
        "description": _("Answer customers and keep what was promised."),
        "start_url": "/desk/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#F6F7F8",
        "theme_color": "#0E7480",
        "icons": icons,
    }
    return JsonResponse(described, content_type="application/manifest+json")


@require_safe
@cache_control(max_age=86_400, public=True)
def icon(request: HttpRequest, size: int) -> HttpResponse:
    """The mark as a picture that phones understand."""
    if size not in SIZES:
        raise Http404
    return HttpResponse(_read(f"icon-{size}.png"), content_type="image/png")


@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, from the top so that it may speak for the whole desk."""
    return HttpResponse(_read("worker.js"), content_type="text/javascript")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown where there is no connection; it names nobody, since browsers keep it."""
    return render(request, "ui/offline.html")


@cache
def _read(name: str) -> bytes:
    return (FOLDER / name).read_bytes()

"""The log as everybody may read it: checkpoint, tiles and keys (c2sp.org/tlog-tiles, rules T-04 and T-05)."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from ahadi.ledger import log
from ahadi.ledger.tiles import HASH, WIDTH, Place

FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def show_checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest published checkpoint; 404 before the first."""
    newest = log.published()
    if newest is None:
        raise Http404("Nothing has been published yet.")
    return _text(newest.note)


@require_safe
def show_tile(request: HttpRequest, level: int, path: str) -> HttpResponse:
    """Hashes of the tree, never entries: those are private; 404 beyond the published size."""
    found = re.fullmatch(r"((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?", path)
    newest = log.published()
    if found is None or newest is None or level > 63:
        raise Http404("There is no such tile.")
    number, width = int(re.sub(r"[x/]", "", found[1])), int(found[2] or WIDTH)
    last = number * WIDTH + width
    if width > WIDTH or (found[2] and width == WIDTH) or last << (8 * level) > newest.size:
        raise Http404("There is no such tile yet.")
    hashes = log.read(Place(level, number))[: width * HASH]
    return HttpResponse(hashes, "application/octet-stream", headers={"Cache-Control": FOR_EVER})


@require_safe
def show_keys(request: HttpRequest) -> HttpResponse:
    """Every verifier key, the one that signs now first, each in a line."""
    return _text("".join(f"{vkey}\n" for vkey in log.vkeys()))


@require_safe
def describe(request: HttpRequest) -> JsonResponse:
    """Where everything is, for programs."""
    vkeys = log.vkeys()
    about = {
        "origin": vkeys[0].split("+")[0] if vkeys else None,
        "vkeys": vkeys,
        "checkpoint": request.build_absolute_uri("/ledger/checkpoint"),
        "tiles": request.build_absolute_uri("/ledger/"),
        "verify": request.build_absolute_uri("/verify/"),
    }
    return JsonResponse(about, headers={"Cache-Control": "no-cache"})


def _text(content: str) -> HttpResponse:
    return HttpResponse(content, "text/plain; charset=utf-8", headers={"Cache-Control": "no-cache"})

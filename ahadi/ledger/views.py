"""The log as everybody may read it: checkpoint, tiles and keys (c2sp.org/tlog-tiles, rules T-04 and T-05)."""

from __future__ import annotations

import base64
import re

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from ahadi.ledger import keys, log, tiles, witness
from ahadi.ledger.models import Checkpoint, Witness
from ahadi.ledger.tiles import HASH, WIDTH, Place

FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def show_checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest published checkpoint; 404 before the first."""
    newest = log.published()
    if newest is None:
        raise Http404("Nothing has been published yet.")
    return _text(log.note_of(newest))


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
def show_consistency(request: HttpRequest, old: int, new: int) -> HttpResponse:
    """The hashes that prove that the log of one signed size grew into that of another, each in a line."""
    # Only what was signed: other sizes would tell who wrote when (rule T-22).
    if old > new or Checkpoint.objects.filter(size__in={old, new}).count() < len({old, new}):
        raise Http404("No such sizes were signed.")
    proof = tiles.Tree(log.read, new).consistency(old)
    lines = (base64.b64encode(hash_).decode() for hash_ in proof)
    return _text("".join(f"{line}\n" for line in lines))


@csrf_exempt
@require_POST
def add_checkpoint(request: HttpRequest) -> HttpResponse:
    """The door for logs that this installation is a witness of (c2sp.org/tlog-witness)."""
    if int(request.headers.get("Content-Length") or 0) > witness.LARGEST:
        return HttpResponse("Too large.\n", "text/plain; charset=utf-8", 413)
    answer = witness.add_checkpoint(request.body)
    return HttpResponse(answer.text, answer.content_type, answer.status)


@require_safe
def show_policy(request: HttpRequest) -> HttpResponse:
    """Whom to believe, for programs that check receipts (c2sp.org/tlog-policy)."""
    lines = [f"log {vkey} {request.build_absolute_uri('/ledger/')}" for vkey in log.vkeys()]
    witnesses = list(Witness.objects.order_by("pk"))
    lines += [f"witness w{number} {one.vkey} {one.url}" for number, one in enumerate(witnesses, 1)]
    if witnesses:
        lines.append("group any any " + " ".join(f"w{number}" for number in range(1, len(witnesses) + 1)))
    return _text("\n".join([*lines, f"quorum {'any' if witnesses else 'none'}"]) + "\n")


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
        "policy": request.build_absolute_uri("/ledger/policy"),
        "witness": {"vkey": keys.witness().vkey, "url": request.build_absolute_uri("/").rstrip("/")},
    }
    return JsonResponse(about, headers={"Cache-Control": "no-cache"})


def _text(content: str) -> HttpResponse:
    return HttpResponse(content, "text/plain; charset=utf-8", headers={"Cache-Control": "no-cache"})

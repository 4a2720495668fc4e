"""Pictures of a mail that lie elsewhere: fetched by this machine when an agent asks, never by the browser."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ahadi.channels import documents
from ahadi.lib import fetch
from ahadi.lib.html import remote_pictures
from ahadi.people.models import Agent
from ahadi.tickets.models import Entry, Ticket

MOST = 20
AT_ONCE = 5
SECONDS = 8.0
LARGEST_TOGETHER = 8 * 1024 * 1024

Fetch = Callable[[str, fetch.Limits], tuple[str, bytes]]


@never_cache
@require_POST
@login_required
def load(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail of an entry as it looked, with its pictures from elsewhere, for a sandboxed frame."""
    seen = Ticket.objects.visible_to(cast(Agent, request.user))
    entry = get_object_or_404(Entry.objects.select_related("words"), seen.named_by("ticket"), pk=pk)
    return documents.html_response(entry, found(remote_pictures(entry.words.html)))


def found(addresses: Iterable[str], ask: Fetch = fetch.picture) -> dict[str, str]:
    """What could be fetched in time and room, each as it is written into a page."""
    pictures: dict[str, str] = {}
    room, until = LARGEST_TOGETHER, time.monotonic() + SECONDS
    pool = ThreadPoolExecutor(AT_ONCE, "pictures")
    waiting = {pool.submit(_fetch, address, ask, until): address for address in list(addresses)[:MOST]}
    with suppress(TimeoutError):
        for done in as_completed(waiting, timeout=SECONDS + 1):
            kind, content = done.result()
            if content and len(content) <= room:
                room -= len(content)
                pictures[waiting[done]] = f"data:{kind};base64,{b64encode(content).decode()}"
    # Whoever is late ends by its own limit; nobody waits for it here.
    pool.shutdown(wait=False, cancel_futures=True)
    return pictures


def _fetch(address: str, ask: Fetch, until: float) -> tuple[str, bytes]:
    whole = f"https:{address}" if address.startswith("//") else address
    try:
        return ask(whole, fetch.Limits(seconds=until - time.monotonic()))
    except fetch.Refused:
        return "", b""

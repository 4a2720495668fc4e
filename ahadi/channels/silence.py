"""Inboxes that have fallen silent because something fails: what every page of the desk asks."""

from __future__ import annotations

from django.core.cache import cache

from ahadi.channels.models import MailServer

KEY = "channels.silent"
# Seconds: administrators see a new silence, and its end, that much later.
KEPT = 15


def addresses() -> list[tuple[int, str]]:
    """Number and address of every silent inbox."""
    found: list[tuple[int, str]] | None = cache.get(KEY)
    if found is None:
        silent = MailServer.objects.silent().order_by("pk")
        found = list(silent.values_list("inbox", "inbox__address")[:20])
        cache.set(KEY, found, KEPT)
    return found


def forget() -> None:
    """Ask anew: an administrator has just changed something."""
    cache.delete(KEY)

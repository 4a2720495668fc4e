"""Web push: a notice reaches a browser in which no page of ours is open."""

from __future__ import annotations

import json
import logging
from base64 import urlsafe_b64encode
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.utils import translation
from pywebpush import WebPushException, webpush

from ahadi.lib import clock
from ahadi.notices import wishes
from ahadi.notices.models import Browser, Notice
from ahadi.people.models import Agent

log = logging.getLogger("ahadi.notices")
# The services of the browsers that can do it: a server of ours calls no other address.
SERVICES = (
    "fcm.googleapis.com",
    ".push.services.mozilla.com",
    ".push.apple.com",
    ".notify.windows.com",
)
PATIENCE = 10
# A day: what is older stands in the list anyway.
LIFETIME = 86_400
GONE = (404, 410)


def keep(agent: Agent, given: Any) -> Browser | None:
    """Remember a browser of an agent; None for one that no known service stands behind."""
    endpoint, keys = str(given.get("endpoint", "")), given.get("keys")
    if not _is_known(endpoint) or not isinstance(keys, dict) or not {"p256dh", "auth"} <= set(keys):
        return None
    kept = {"p256dh": str(keys["p256dh"])[:200], "auth": str(keys["auth"])[:100]}
    browser, _new = Browser.objects.update_or_create(
        endpoint=endpoint[:500], defaults={"agent": agent, "keys": kept}
    )
    return browser


def deliver(notice_id: int, session: requests.Session | None = None) -> None:
    """Show a notice in every browser of its agent; a browser that is gone is forgotten."""
    notice = Notice.objects.select_related("agent", "ticket").filter(pk=notice_id).unread().first()
    if notice is None or notice.pushed or wishes.is_quiet(notice.agent):
        return
    for browser in notice.agent.browsers.all():
        _send(browser, notice, session)
    notice.pushed = clock.now()
    notice.save(update_fields=["pushed"])


@cache
def public_key() -> str:
    """What browsers are told about us."""
    key = serialization.load_pem_private_key(_key_file().read_bytes(), None)
    point = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return urlsafe_b64encode(point).rstrip(b"=").decode()


def _send(browser: Browser, notice: Notice, session: requests.Session | None) -> None:
    with translation.override(notice.agent.language):
        # No word of a customer passes through a foreign service.
        told = {
            "title": str(Notice.Reason(notice.reason).label),
            "body": notice.because,
            "url": f"/desk/open/{notice.ticket.number}/",
            "tag": notice.ticket.number,
        }
    try:
        webpush(
            {"endpoint": browser.endpoint, "keys": browser.keys},
            json.dumps(told),
            vapid_private_key=str(_key_file()),
            vapid_claims={"sub": f"mailto:postmaster@{urlsplit(settings.AHADI_URL).hostname}"},
            ttl=LIFETIME,
            timeout=PATIENCE,
            requests_session=session,
        )
    except WebPushException as error:
        if error.response is not None and error.response.status_code in GONE:
            browser.delete()
        else:
            log.warning("A push service refused a notice: %s", error.message)


def _is_known(endpoint: str) -> bool:
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    return parts.scheme == "https" and any(host == name or host.endswith(name) for name in SERVICES)


def _key_file() -> Path:
    path = Path(settings.AHADI_DATA) / "push.pem"
    if not path.exists():
        _make(path)
    return path


def _make(path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # Beside the database, so that a copy of the database alone speaks for nobody.
    part = path.with_suffix(".part")
    part.touch(0o600)
    part.write_bytes(key)
    part.replace(path)

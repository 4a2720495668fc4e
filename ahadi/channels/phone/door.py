"""The door of telephone systems: `/in/phone/<key>/`; proven by a signature, answered at once, idempotent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from ahadi.channels.models import Call, PhoneLine
from ahadi.channels.phone import telling, twilio
from ahadi.channels.phone.telling import Told
from ahadi.lib import clock

log = logging.getLogger("ahadi.channels.phone")

# What is older was recorded by somebody and is played again.
TOLERANCE = timedelta(minutes=5)
LARGEST = 64 * 1024


@csrf_exempt
@never_cache
@require_POST
def bring(request: HttpRequest, key: str) -> HttpResponse:
    """Take in what a telephone system tells; the same event told again changes nothing."""
    line = PhoneLine.objects.select_related("team").filter(key=key, is_active=True).first()
    if line is None:
        raise Http404
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        return HttpResponse(status=413)
    if line.kind == PhoneLine.Kind.TWILIO:
        return _from_twilio(request, line)
    body = request.body
    if not is_signed(line, request.headers, body):
        return HttpResponse(status=401)
    try:
        told, data = read(request.headers["webhook-id"], json.loads(body))
        telling.take(line, told, data)
    except (telling.Unclear, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("The line %s told something unclear: %s", line.pk, type(error).__name__)
        return HttpResponse(status=400)
    return HttpResponse(status=204)


def is_signed(line: PhoneLine, headers: Any, body: bytes) -> bool:
    """Signed with the line's secret in the last minutes, as Standard Webhooks has it."""
    name, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not name or not at.isdecimal() or len(at) > 12 or not line.secret:
        return False
    if abs(clock.now().timestamp() - int(at)) > TOLERANCE.total_seconds():
        return False
    expected = sign(line.secret, name, int(at), body)
    return any(
        constant_time_compare(given, expected) for given in headers.get("webhook-signature", "").split()
    )


def sign(secret: str, name: str, at: int, body: bytes) -> str:
    """The signature of a body (Standard Webhooks, version 1)."""
    whole = f"{name}.{at}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(_key(secret), whole, hashlib.sha256).digest()).decode()


def read(name: str, event: Any) -> tuple[Told, dict[str, Any]]:
    """An event in our own form: {"type": "call.incoming", "timestamp": …, "data": {…}}."""
    kind = str(event["type"]).removeprefix("call.")
    data = event["data"]
    is_ours = data.get("direction") == Call.Direction.OUT
    told = Told(
        name=name,
        kind=kind,
        call=str(data["call"]),
        at=_moment(event.get("timestamp")),
        number=str(data.get("to" if is_ours else "from", "")),
        direction=Call.Direction.OUT if is_ours else Call.Direction.IN,
        agent=str(data.get("agent", "")),
        recording=str(data.get("recording", "")),
        seconds=int(data.get("seconds") or 0),
        consent=str(data.get("consent", "")),
    )
    return told, dict(data)


def _from_twilio(request: HttpRequest, line: PhoneLine) -> HttpResponse:
    fields = {name: str(request.POST[name]) for name in request.POST}
    signature = request.headers.get("X-Twilio-Signature", "")
    if not twilio.is_signed(line, request.get_full_path(), fields, signature):
        return HttpResponse(status=401)
    told = twilio.read(fields)
    if told is not None:
        telling.take(line, told, fields)
    return HttpResponse("<Response/>", content_type="text/xml")


def _key(secret: str) -> bytes:
    encoded = secret.removeprefix("whsec_")
    return base64.b64decode(encoded) if secret.startswith("whsec_") else secret.encode()


def _moment(text: Any) -> datetime:
    """When it happened, if that can be believed."""
    found = parse_datetime(str(text)) if text else None
    now = clock.now()
    if found is None or found.tzinfo is None or abs(found - now) > timedelta(days=1):
        return now
    return found

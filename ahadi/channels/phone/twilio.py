"""Twilio's voice: calls are started by its REST interface, and what happens comes as signed forms."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit
from xml.sax.saxutils import escape

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from ahadi.channels.models import Call, PhoneLine
from ahadi.channels.phone import telling
from ahadi.channels.phone.telling import Told
from ahadi.lib import clock, fetch

API = "https://api.twilio.com"
# How long the agent's own telephone rings.
PATIENCE = 60
_KINDS = {
    "ringing": telling.INCOMING,
    "in-progress": telling.ANSWERED,
    "completed": telling.ENDED,
    "busy": telling.MISSED,
    "no-answer": telling.MISSED,
    "failed": telling.MISSED,
    "canceled": telling.MISSED,
}


class Twilio:
    """Rings at the agent's telephone; when they answer, Twilio dials the customer."""

    def start(self, line: PhoneLine, extension: str, number: str) -> str:
        """Start a call; raises fetch.Refused where Twilio does not take it."""
        fields = {
            "To": extension,
            "From": line.number,
            "Twiml": f"<Response><Dial callerId={_quoted(line.number)}>{escape(number)}</Dial></Response>",
            "StatusCallback": address_of(line),
            "StatusCallbackEvent": "completed",
            "Timeout": str(PATIENCE),
        }
        return str(json.loads(_send(line, "Calls.json", fields))["sid"])

    def pause(self, line: PhoneLine, call: str, *, is_paused: bool) -> None:
        """What is said meanwhile is silence in the recording, so that its length stays true."""
        fields = {"Status": "paused", "PauseBehavior": "silence"} if is_paused else {"Status": "in-progress"}
        _send(line, f"Calls/{quote(call, safe='')}/Recordings/Twilio.CURRENT.json", fields)


def read(fields: Mapping[str, str]) -> Told | None:
    """What a form of Twilio tells; None for what says nothing about a call."""
    call, status = fields.get("CallSid", ""), fields.get("CallStatus", "")
    is_in = fields.get("Direction", "inbound") == "inbound"
    number = fields.get("From" if is_in else "To", "")
    direction = Call.Direction.IN if is_in else Call.Direction.OUT
    if "RecordingSid" in fields and fields.get("RecordingStatus", "completed") == "completed":
        return Told(
            f"{call}:{fields['RecordingSid']}",
            telling.RECORDING,
            call,
            clock.now(),
            number,
            direction,
            recording=fields.get("RecordingUrl", "") + ".mp3",
            seconds=int(fields.get("RecordingDuration") or 0),
        )
    kind = _KINDS.get(status)
    if kind is None or not call:
        return None
    return Told(f"{call}:{status}", kind, call, clock.now(), number, direction)


def is_signed(line: PhoneLine, path: str, fields: Mapping[str, str], signature: str) -> bool:
    """Signed with the account's token over the address and every field, with or without the port."""
    if not signature or not line.secret:
        return False
    whole = urlsplit(settings.AHADI_URL)
    places = {settings.AHADI_URL, f"{whole.scheme}://{whole.hostname}"}
    if whole.port is None:
        places.add(f"{settings.AHADI_URL}:{443 if whole.scheme == 'https' else 80}")
    return any(constant_time_compare(signature, sign(line.secret, place + path, fields)) for place in places)


def sign(token: str, address: str, fields: Mapping[str, str]) -> str:
    """Twilio's signature of a form."""
    whole = address + "".join(name + fields[name] for name in sorted(fields))
    # Twilio's own way; a keyed SHA-1 is still not forged.
    return base64.b64encode(hmac.new(token.encode(), whole.encode(), hashlib.sha1).digest()).decode()


def address_of(line: PhoneLine) -> str:
    """Where a line tells of its calls."""
    return str(settings.AHADI_URL) + reverse("channels:phone", args=[line.key])


def limits(line: PhoneLine) -> fetch.Limits:
    """An administrator named this machine: it may be one inside the house, and on any port."""
    return fetch.Limits(is_allowed=lambda ip: True, ports=None) if line.url else fetch.Limits()


def proof(line: PhoneLine) -> str:
    """How we sign in at the API."""
    return "Basic " + base64.b64encode(f"{line.account}:{line.secret}".encode()).decode()


def _send(line: PhoneLine, path: str, fields: Mapping[str, str]) -> bytes:
    base = (line.url or API).rstrip("/")
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": proof(line)}
    address = f"{base}/2010-04-01/Accounts/{line.account}/{path}"
    answer = fetch.post(address, urlencode(fields).encode(), headers, limits(line))
    if answer.status not in (200, 201):
        raise fetch.Refused(f"Twilio answered {answer.status}")
    return answer.content


def _quoted(text: str) -> str:
    return '"' + escape(text, {'"': "&quot;"}) + '"'

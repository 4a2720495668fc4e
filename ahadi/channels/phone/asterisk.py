"""Asterisk: calls are started by its REST interface (ARI), and what happens comes over its events."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from ahadi.channels.models import Call, PhoneLine
from ahadi.channels.phone import telling
from ahadi.channels.phone.telling import Told
from ahadi.channels.phone.twilio import limits, proof
from ahadi.lib import clock, fetch

log = logging.getLogger("ahadi.channels.phone")

PATIENCE = 60
LARGEST = 64 * 1024


class Asterisk:
    """Rings at the agent's telephone; when they answer, the dial plan dials the customer."""

    def start(self, line: PhoneLine, extension: str, number: str) -> str:
        """Start a call; raises fetch.Refused where Asterisk does not take it."""
        endpoint = extension if "/" in extension else f"PJSIP/{extension}"
        asked = {
            "endpoint": endpoint,
            "extension": number,
            "context": line.application,
            "priority": "1",
            "callerId": line.number,
            "timeout": str(PATIENCE),
        }
        path = f"{line.url.rstrip('/')}/ari/channels?{urlencode(asked)}"
        answer = fetch.post(path, b"", {"Authorization": proof(line)}, limits(line))
        if answer.status != 200:
            raise fetch.Refused(f"Asterisk answered {answer.status}")
        return str(json.loads(answer.content)["id"])

    def pause(self, line: PhoneLine, call: str, *, is_paused: bool) -> None:
        """The dial plan names the recording of a channel like the channel."""
        address = f"{line.url.rstrip('/')}/ari/recordings/live/{quote(call, safe='')}/pause"
        head = {"Authorization": proof(line)}
        ways = limits(line)
        answer = fetch.post(address, b"", head, ways) if is_paused else fetch.delete(address, head, ways)
        if answer.status not in (200, 204):
            raise fetch.Refused(f"Asterisk answered {answer.status}")


def read(event: Mapping[str, Any]) -> Told | None:
    """What an event of ARI tells; None for what says nothing to us."""
    kind = event.get("type")
    if kind == "RecordingFinished":
        return _recording(event["recording"])
    channel = event.get("channel")
    if not isinstance(channel, Mapping):
        return None
    found = {
        "StasisStart": telling.INCOMING,
        "StasisEnd": telling.ENDED,
        "ChannelDestroyed": _after(event),
    }.get(str(kind))
    if kind == "ChannelStateChange" and channel.get("state") == "Up":
        found = telling.ANSWERED
    if found is None:
        return None
    name = f"{channel['id']}:{kind}:{channel.get('state', '')}"
    number = str(channel.get("caller", {}).get("number", ""))
    agent = str(channel.get("channelvars", {}).get("AHADI_AGENT", ""))
    return Told(name, found, str(channel["id"]), clock.now(), number, agent=agent)


def address_of_events(line: PhoneLine) -> str:
    """Where Asterisk's events are read (a WebSocket)."""
    parts = urlsplit(line.url)
    asked = urlencode({"app": line.application, "subscribeAll": "false"})
    return f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}/ari/events?{asked}"


def listen(line: PhoneLine) -> Iterator[Told]:
    """Everything that one connection to Asterisk tells, until it ends."""
    from websockets.sync.client import connect

    headers = {"Authorization": proof(line)}
    with connect(address_of_events(line), additional_headers=headers, max_size=LARGEST) as events:
        for text in events:
            try:
                told = read(json.loads(text))
            except (ValueError, KeyError, TypeError):
                log.warning("Asterisk told something that cannot be read")
                continue
            if told is not None:
                yield told


def _after(event: Mapping[str, Any]) -> str:
    # Causes of Q.850: 16 is a normal end; 17, 18, 19 and 21 are busy, absent, no answer and refused.
    return telling.MISSED if event.get("cause") in (17, 18, 19, 21) else telling.ENDED


def _recording(recording: Mapping[str, Any]) -> Told | None:
    call = str(recording.get("target_uri", "")).removeprefix("channel:")
    if not call:
        return None
    return Told(
        f"{call}:{recording['name']}",
        telling.RECORDING,
        call,
        clock.now(),
        direction=Call.Direction.IN,
        recording=f"/ari/recordings/stored/{recording['name']}/file",
        seconds=int(recording.get("duration") or 0),
    )

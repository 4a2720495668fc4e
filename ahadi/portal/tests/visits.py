"""Visits to the customers' pages as a browser makes them."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from ahadi.lib import clock

WEDNESDAY = datetime(2026, 12, 2, 10, tzinfo=UTC)


def key_in(page: Any) -> str:
    """The one-time key a page carries."""
    return html.unescape(re.search(r'name="key" value="([^"]+)"', page.content.decode())[1])


def fill(client: Client, at: datetime = WEDNESDAY, **fields: Any) -> Any:
    """Open the form, take a minute to fill it in, and send it."""
    with clock.at(at - timedelta(minutes=1)):
        key = key_in(client.get("/ask/"))
    given = {"problem": "The grinder stops after two seconds.", "email": "anna@post.example", "way": "email"}
    with clock.at(at):
        return client.post("/ask/", {"key": key, **given, **fields})


def ask(client: Client, at: datetime = WEDNESDAY, **fields: Any) -> str:
    """Send the form and return the tracking code."""
    answer = fill(client, at, **fields)
    assert answer.status_code == 302, answer.content.decode().partition("<main")[2]
    return answer["Location"].split("/")[2]


def write(client: Client, number: str, text: str, at: datetime, **fields: Any) -> Any:
    """Answer on the page of a request."""
    with clock.at(at - timedelta(seconds=20)):
        key = key_in(client.get(f"/r/{number}/"))
    with clock.at(at):
        return client.post(f"/r/{number}/messages/", {"key": key, "text": text, **fields})

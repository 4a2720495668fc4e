"""The application for the server: pages through threads, and room beside them for what stays open."""

from __future__ import annotations

import os
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.utils.module_loading import import_string

from ahadi.lib.bridge import Bridge
from ahadi.lib.streams import Streams

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ahadi.settings")
django.setup(set_prefix=False)

_pages = Bridge(WSGIHandler())
_streams = Streams({path: import_string(door)() for path, door in settings.STREAMS.items()})
# Models can be read from here on only.
_words = import_string("ahadi.widget.lane.Lane")(_pages, _streams.hub, _streams.doors["/widget/stream/"])


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answer one connection of the server."""
    if scope["type"] == "http" and scope["path"] in _streams:
        await _streams(scope, receive, send)
    elif scope["type"] == "http" and scope["path"] == _words.PATH:
        await _words(scope, receive, send)
    elif scope["type"] == "http":
        await _pages(scope, receive, send)
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1000, "reason": ""})
    else:
        raise ValueError(f"No answer for the scope {scope['type']}.")

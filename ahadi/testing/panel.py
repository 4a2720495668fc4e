"""The panel of one browser as its script speaks, for tests without a browser."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from django.test import Client

from ahadi.channels.models import Site

SHOP = "https://shop.example"


class Panel:
    """A session with the chat; answers are what the server sent, as data."""

    def __init__(self, client: Client, site: Site, **more: object) -> None:
        self.client, self.token = client, ""
        body = {"site": site.key, "origin": SHOP, "language": "en", "time_zone": "UTC", **more}
        self.began = self.call("POST", "sessions", body)
        self.token = self.began.get("token", "")

    def call(self, method: str, name: str, body: object = None, **headers: Any) -> dict[str, Any]:
        """One call; a problem is answered as its own data."""
        answer = self.send(method, name, json.dumps(body if body is not None else {}), **headers)
        found: dict[str, Any] = json.loads(answer.content or b"{}")
        return found

    def send(self, method: str, name: str, content: str | bytes = "{}", **headers: Any) -> Any:
        """One call as bytes, and the whole answer."""
        if self.token:
            headers.setdefault("HTTP_AUTHORIZATION", f"Bearer {self.token}")
        address = f"/widget/{name}" if "/" in name else f"/widget/{name}/"
        return self.client.generic(method, address, content, "application/json", **headers)

    def say(self, text: str, client_id: str = "", **more: object) -> dict[str, Any]:
        """A word of the visitor."""
        body = {"client_id": client_id or str(uuid4()), "text": text, "files": [], **more}
        return self.call("POST", "messages", body)

    def state(self, after: int = 0) -> dict[str, Any]:
        """What the panel draws."""
        return self.call("GET", f"events/?after={after}")

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from ahadi.api import tokens
from ahadi.people.models import Agent
from ahadi.testing import make

ALL = ["tickets:read", "tickets:write", "customers:read", "admin:read"]


class Program:
    """A program with a token: sends JSON, reads JSON."""

    def __init__(self, agent: Agent, scopes: list[str]) -> None:
        self.agent = agent
        self.client = Client(headers={"authorization": f"Bearer {tokens.issue(agent, scopes)}"})

    def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> Any:
        return self._read(self.client.get(_full(path), query, headers=headers))

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        return self.send("POST", path, json.dumps(body or {}), headers)

    def patch(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        return self.send("PATCH", path, json.dumps(body or {}), headers)

    def send(self, method: str, path: str, body: str | bytes, headers: dict[str, str] | None = None) -> Any:
        return self._read(self.client.generic(method, _full(path), body, "application/json", headers=headers))

    def _read(self, response: Any) -> Any:
        is_json = "json" in response.headers.get("Content-Type", "")
        content = b"".join(response.streaming_content) if response.streaming else response.content
        return SimpleNamespace(
            status=response.status_code,
            headers=response.headers,
            content=content,
            json=json.loads(content) if is_json else None,
        )


def _full(path: str) -> str:
    return path if path.startswith(("/", "http")) else f"/api/v1/{path}"


@pytest.fixture
def program(db: None) -> Program:
    """A program that acts for an administrator with every scope."""
    return Program(make.admin(), ALL)


@pytest.fixture
def program_of() -> Any:
    """Makes a program for an agent, with scopes."""
    return lambda agent, *scopes: Program(agent, list(scopes) or ALL)


@pytest.fixture
def wish() -> dict[str, Any]:
    """A request as a program sends it."""
    return {
        "requester": {"email": "anna@post.example", "name": "Anna Kern"},
        "subject": "The grinder stops",
        "body": "The grinder stops after two seconds.",
    }

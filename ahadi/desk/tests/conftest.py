"""Who sits at the desk: an agent, or an administrator; and nothing is remembered from the test before."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from ahadi.desk import searches
from ahadi.people.models import Agent
from ahadi.testing import make
from ahadi.tickets import chores


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists and choices that are kept for a while begin empty; counts are true at once."""
    cache.clear()
    monkeypatch.setattr(searches, "SLOW", 3_600)
    chores.forget_readings()


@pytest.fixture
def agent() -> Agent:
    """Somebody who answers."""
    return make.agent("Mara Lind")


@pytest.fixture
def desk(client: Client, agent: Agent) -> Client:
    """The browser of the agent, signed in."""
    client.force_login(agent)
    return client


@pytest.fixture
def admin(client: Client) -> Agent:
    """An administrator who is signed in."""
    make.company()
    found = make.admin()
    client.force_login(found)
    return found

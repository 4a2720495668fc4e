"""Every test begins with all tries left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from ahadi.portal import quota


@pytest.fixture(autouse=True)
def fresh_quota() -> Iterator[None]:
    """Nobody has asked anything yet."""
    quota.limiter().storage.reset()
    return


@pytest.fixture
def client_of_somebody_else() -> Client:
    """Another browser."""
    return Client()

"""Every test begins with all tries left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ahadi.portal import quota


@pytest.fixture(autouse=True)
def fresh_quota() -> Iterator[None]:
    """Nobody has asked anything yet."""
    quota.limiter().storage.reset()
    yield

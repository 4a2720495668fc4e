"""Every story begins with all tries left."""

from __future__ import annotations

import pytest

from ahadi.portal import quota


@pytest.fixture(autouse=True)
def fresh_quota() -> None:
    """Nobody has asked anything yet."""
    quota.limiter().storage.reset()

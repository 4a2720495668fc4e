from __future__ import annotations

import pytest

from ahadi.channels.models import Site
from ahadi.testing import make
from ahadi.widget import quota


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Nobody has called yet."""
    quota.limiter().storage.reset()


@pytest.fixture
def site(db) -> Site:
    """A shop that may show the chat."""
    return make.site()

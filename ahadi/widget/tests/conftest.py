from __future__ import annotations

import pytest

from ahadi.channels.models import Site
from ahadi.testing import make


@pytest.fixture
def site(db) -> Site:
    """A shop that may show the chat."""
    return make.site()

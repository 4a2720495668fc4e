"""Who comes to the portal."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.fixture
def client_of_somebody_else() -> Client:
    """Another browser."""
    return Client()

"""The world in front of whose doors the tests of this folder stand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from ahadi.lib import clock
from tests.access.world import World, rolled_back

# The morning at which time stands still.
WEDNESDAY = datetime(2026, 12, 2, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    # Nothing of what a test does in it stays: every knock and every test is taken back.
    with django_db_blocker.unblock(), clock.at(WEDNESDAY), rolled_back():
        yield World.make()

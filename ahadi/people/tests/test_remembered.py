"""What decides about signing in is known to every process."""

from __future__ import annotations

import pytest
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache

from ahadi.lib import memory
from ahadi.testing import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def another_process():
    """The cache of a process that remembers nothing by itself."""
    cache = memory.Near("another", {})
    cache.clear()
    return cache


def test_failed_sign_ins_count_in_every_process(client, another_process):
    make.agent("Mara Lind", email="mara@marlo.example")

    client.post("/accounts/login/", {"login": "mara@marlo.example", "password": "wrong"})

    kept = caches["default"].shared
    assert isinstance(caches["default"], memory.Near)
    keys = _keys()
    assert keys
    assert all(another_process.get(key) == kept.get(key) is not None for key in keys)


def test_a_code_used_in_one_process_is_used_in_all(another_process):
    used = "allauth.mfa.totp.used?user=1&code=123456"

    assert caches["default"].add(used, "y", timeout=30)
    assert not another_process.add(used, "y", timeout=30)
    assert another_process.has_key(used)
    assert another_process.delete(used)
    assert caches["default"].get(used) is None


def test_everything_else_stays_in_the_process(another_process, django_assert_num_queries):
    with django_assert_num_queries(0):
        caches["default"].set("desk", 1)

        assert caches["default"].get("desk") == 1
        assert another_process.get("desk") is None
        assert LocMemCache("ahadi", {}).get("desk") == 1


def _keys() -> list[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM ahadi_cache WHERE cache_key NOT LIKE '%:lock'")
        return [key.partition(":")[2].partition(":")[2] for (key,) in cursor.fetchall()]

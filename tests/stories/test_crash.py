"""Sequencers and web server are killed under load: the ledger has every entry once, in one order."""

from __future__ import annotations

from ahadi.testing import prepared
from bench import crash


def test_the_ledger_survives_every_kill(tmp_path):
    prepared.copy(tmp_path)

    found = crash.drill(tmp_path, kills=5, seed=3)

    assert crash.is_right(found), found
    assert int(str(found["acknowledged"])) > 10

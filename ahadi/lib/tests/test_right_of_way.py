"""Longer work lets short work pass: not its own, not in a transaction, and not for ever."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import transaction

from ahadi.lib.right_of_way import RightOfWay


@pytest.fixture
def aside():
    with ThreadPoolExecutor(1) as pool:
        yield lambda work: pool.submit(work).result(20)


def test_others_let_whoever_has_it_pass(aside):
    # Given somebody with the right of way.
    way = RightOfWay()
    assert not aside(lambda: way.give(0))

    with way.taken():
        # Then they themselves go on, and others let them pass until it takes too long.
        assert not way.give(0)
        assert aside(lambda: way.give(0))
        assert not aside(lambda: way.give(0))
    with way.taken():
        assert aside(lambda: way.give(0))

    # And afterwards nobody waits, even where their work failed.
    with pytest.raises(ValueError, match="broken"), way.taken():
        raise ValueError("broken")
    assert not aside(lambda: way.give(0))


def test_whoever_waits_goes_on_as_soon_as_the_way_is_free():
    # Given longer work that waits.
    way = RightOfWay()
    with way.taken():
        waiting = threading.Thread(target=way.give, args=(60,))
        waiting.start()

    # Then it goes on long before its patience ends.
    waiting.join(20)
    assert not waiting.is_alive()


@pytest.mark.django_db
def test_nobody_waits_in_a_transaction_that_others_may_wait_for(aside):
    # Given somebody else with the right of way.
    way = RightOfWay()
    taken = way.taken()
    aside(taken.__enter__)

    # Then a transaction goes on.
    with transaction.atomic():
        assert not way.give(0)
    aside(lambda: taken.__exit__(None, None, None))

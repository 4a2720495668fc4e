"""Who fetches, and how patiently; the threads at work are in tests/stories/test_mailbox.py."""

from __future__ import annotations

import pytest
from django.db import connection

from ahadi.channels.email.fetching import turns
from ahadi.channels.email.fetching.fetcher import Fetcher
from ahadi.channels.email.trouble import Trouble


def test_a_wrong_password_is_tried_with_caution():
    thread = Fetcher(1)
    pauses = []
    for failures in range(1, 8):
        thread._failures = failures
        pauses.append((thread._pause(Trouble("password")), thread._pause(Trouble("broken"))))

    assert [careful for careful, _patient in pauses][:4] == [60, 300, 900, 900]
    assert [patient for _careful, patient in pauses] == [1, 5, 15, 30, 60, 60, 60]


@pytest.mark.django_db
def test_only_one_process_has_the_turn():
    one, other = turns.Turns(), turns.Turns()

    assert one.take(7)
    assert one.take(7)
    assert not other.take(7)
    one.leave(7)
    assert other.take(7)
    other.close()
    assert one.take(7)
    one.close()


@pytest.mark.django_db
def test_a_lost_connection_is_a_lost_turn():
    if connection.vendor != "postgresql":
        pytest.skip("files have no connections")
    one, other = turns.Turns(), turns.Turns()
    assert one.take(8)
    one._line.connection.close()

    assert one.lost()
    assert other.take(8)
    other.close()

"""Mails arrive while network, mail server and Ahadi are killed at random, and none is lost or doubled.

Somebody else reads and moves mails in the same mailbox, Ahadi is away for five days, and all numbers of the
mailbox change. `python -m bench.imap` plays the same with a thousand mails.
"""

from __future__ import annotations

import pytest

from ahadi.testing import drill, imap

MAILS = 40


@pytest.mark.parametrize("kind", [imap.Pymap, imap.Dovecot], ids=["pymap", "dovecot"])
def test_nothing_is_lost_or_doubled_whatever_is_killed(kind, tmp_path):
    if kind is imap.Dovecot and not imap.Dovecot.is_here():
        pytest.skip("no dovecot on this machine")
    house = drill.House(tmp_path)
    server = kind(imap.folder())

    try:
        result = drill.Drill(server, house).run(MAILS, pause=0.05, patience=300)
    finally:
        house.kill()
        server.kill()

    assert result.is_right, result
    assert all(result.blows.values()), result

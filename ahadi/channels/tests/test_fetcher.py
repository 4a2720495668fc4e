"""Threads that fetch: begun and ended as administrators change things, patient whatever happens."""

from __future__ import annotations

import time

import pytest
from django.db import connection

from ahadi.channels.email.fetching import fetcher, house, turns
from ahadi.channels.email.fetching.fetcher import Fetcher
from ahadi.channels.email.trouble import Trouble
from ahadi.channels.models import Inbox, MailServer, RawMessage
from ahadi.people.models import Team
from ahadi.testing import imap, wires

PATIENCE = 20


@pytest.fixture
def inbox(transactional_db) -> Inbox:
    return Inbox.objects.create(address="help@marlo.example", name="Marlo", team=Team.first())


@pytest.fixture
def running(inbox, monkeypatch):
    """Everything fast, and all threads ended before the database goes."""
    monkeypatch.setattr(house, "LOOK_AGAIN", 0.05)
    monkeypatch.setattr(fetcher, "TICK", 0.1)
    monkeypatch.setattr(fetcher, "PATIENCE", (0.05,))
    with house.running():
        yield
    MailServer.objects.update(is_paused=True)
    end = time.monotonic() + PATIENCE
    while any(isinstance(thread, Fetcher | house.House) for thread in threads()) and time.monotonic() < end:
        time.sleep(0.05)


def threads():
    import threading

    return threading.enumerate()


def until(condition) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture(params=[imap.Pymap, imap.Dovecot], ids=["pymap", "dovecot"])
def server(request):
    if request.param is imap.Dovecot and not imap.Dovecot.is_here():
        pytest.skip("no dovecot on this machine")
    made = request.param(imap.folder())
    made.start()
    yield made
    made.kill()


def test_what_arrives_is_announced_and_fetched_at_once(server, inbox, running):
    row = imap.connected(server, inbox)
    until(lambda: MailServer.objects.get().last_success)

    client = imap.client(server)
    client.append("INBOX", None, None, imap.mail(1))
    client.logout()

    until(lambda: RawMessage.objects.count() == 1)
    row.refresh_from_db()
    assert row.trouble == ""


def test_a_pause_and_a_change_in_the_browser_take_effect(inbox, running):
    script = wires.imap()
    row = imap.connected(script, inbox)
    until(lambda: MailServer.objects.get().last_success)
    assert any(thread.name == f"fetch-{row.pk}" for thread in threads())

    MailServer.objects.update(is_paused=True)
    until(lambda: not any(thread.name == f"fetch-{row.pk}" for thread in threads()))

    other = wires.imap(LOGIN="NO [AUTHENTICATIONFAILED] no")
    row.port, row.is_paused = other.port, False
    row.save()
    row.stir()
    until(lambda: MailServer.objects.get().trouble == "password")

    row.delete()
    until(lambda: not any(thread.name == f"fetch-{row.pk}" for thread in threads()))


def test_a_server_that_comes_back_is_fetched_again(inbox, running):
    row = imap.connected(wires.Script("", lambda heard: None), inbox)
    until(lambda: MailServer.objects.get().trouble == "broken")
    assert MailServer.objects.get().failing_since

    # Not told to anybody: the next try finds it.
    MailServer.objects.update(port=wires.imap().port)
    until(lambda: MailServer.objects.get().last_success)

    row.refresh_from_db()
    assert (row.trouble, row.failing_since) == ("", None)


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

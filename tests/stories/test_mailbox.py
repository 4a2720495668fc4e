"""A mailbox is fetched as mail arrives, and every change in the browser takes effect within seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ahadi.testing import drill, imap

WAIT = """
import time
begun = time.monotonic()
while not ({condition}) and time.monotonic() - begun < 25:
    time.sleep(0.05)
assert {condition}, list(MailServer.objects.values('trouble', 'said', 'is_paused', 'last_success'))
"""


@pytest.fixture(params=[imap.Pymap, imap.Dovecot], ids=["pymap", "dovecot"])
def server(request: pytest.FixtureRequest) -> Iterator[imap.Process]:
    if request.param is imap.Dovecot and not imap.Dovecot.is_here():
        pytest.skip("no dovecot on this machine")
    made = request.param(imap.folder())
    made.start()
    yield made
    made.kill()


@pytest.fixture
def house(tmp_path) -> Iterator[drill.House]:
    made = drill.House(tmp_path)
    yield made
    made.kill()


def until(condition: str) -> str:
    return WAIT.format(condition=condition)


def bring(server: imap.Process, number: int) -> None:
    client = imap.client(server)
    client.append("INBOX", None, None, imap.mail(number))
    client.logout()


def test_a_mailbox_is_fetched_paused_lost_and_found_again(server, house):
    house.start()
    begun = f"imap.connected(type('S', (), {{'port': {server.port}}}), make.inbox())"
    house.ask(begun + until("MailServer.objects.get().last_success"))

    # Announced by IDLE: far sooner than at the next look a minute later.
    bring(server, 1)
    house.ask(until("RawMessage.objects.count() == 1"))

    # Paused: the next mail waits in the mailbox until it may come.
    pause = "MailServer.objects.update(is_paused={paused}); MailServer.objects.get().stir()\n"
    house.ask(pause.format(paused=True) + "import time; time.sleep(4)")
    bring(server, 2)
    house.ask("import time; time.sleep(2); assert RawMessage.objects.count() == 1")
    house.ask(pause.format(paused=False) + until("RawMessage.objects.count() == 2"))

    # The server is away: written down at once, and over as soon as it is back.
    server.kill()
    house.ask(until("MailServer.objects.get().trouble in ('closed', 'broken')"))
    server.start()
    house.ask(until("MailServer.objects.get().failing_since is None"))
    bring(server, 3)
    house.ask(until("RawMessage.objects.count() == 3"))

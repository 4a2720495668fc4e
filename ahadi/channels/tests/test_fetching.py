from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from ahadi.channels.email import servers
from ahadi.channels.email.fetching import folders
from ahadi.channels.email.trouble import Trouble
from ahadi.channels.models import Folder, MailServer, RawMessage
from ahadi.lib import clock
from ahadi.outbox.models import Job
from ahadi.testing import imap, make, wires

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[imap.Pymap, imap.Dovecot], ids=["pymap", "dovecot"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[imap.Process]:
    if request.param is imap.Dovecot and not imap.Dovecot.is_here():
        pytest.skip("no dovecot on this machine")
    made = request.param(imap.folder())
    made.start()
    yield made
    made.kill()


def look(row: MailServer, name: str = "INBOX", suspects: set[int] | None = None) -> int:
    box = servers.open_imap(row)
    try:
        return folders.fetch(row, box, name, lambda: True, set() if suspects is None else suspects)
    finally:
        servers.close(box)


def flags(server: imap.Process) -> list[bytes]:
    client = imap.client(server)
    client.select("INBOX", readonly=True)
    _status, lines = client.fetch("1:*", "(FLAGS)")
    client.logout()
    return [line for line in lines if b"Seen" in line]


def test_every_mail_comes_once_byte_for_byte_and_stays_unread(server):
    row = imap.connected(server, make.inbox())
    imap.deliver(server, [imap.mail(number) for number in range(5)])

    look(row)
    look(row)

    raws = RawMessage.objects.order_by("pk")
    assert {raw.read().replace(b"\r\n", b"\n") for raw in raws} == {
        imap.mail(number).replace(b"\r\n", b"\n") for number in range(5)
    }
    assert {raw.inbox for raw in raws} == {row.inbox}
    assert raws[0].sender.startswith("anna")
    assert Job.objects.count() == 5
    assert flags(server) == []


def test_a_mail_that_somebody_read_elsewhere_comes_too(server):
    row = imap.connected(server, make.inbox())
    imap.deliver(server, [imap.mail(1)])
    client = imap.client(server)
    client.select("INBOX")
    client.store("1", "+FLAGS", "\\Seen")
    client.logout()

    look(row)

    assert RawMessage.objects.count() == 1


def test_from_now_on_leaves_what_was_there(server):
    row = imap.connected(server, make.inbox(), begin="now")
    imap.deliver(server, [imap.mail(1)])

    look(row)
    imap.deliver(server, [imap.mail(2)])
    look(row)

    assert [b"(2)" in raw.read() for raw in RawMessage.objects.all()] == [True]


def test_other_numbers_bring_nothing_twice_and_lose_nothing(server):
    row = imap.connected(server, make.inbox())
    imap.deliver(server, [imap.mail(number) for number in range(4)])
    look(row)
    before = Folder.objects.get().uid_validity

    server.kill()
    server.renumber()
    imap.deliver(server, [imap.mail(4)])
    server.start()
    look(row)

    assert Folder.objects.get().uid_validity != before
    assert RawMessage.objects.count() == Job.objects.count() == 5


def test_other_numbers_do_not_bring_what_was_not_wanted(server):
    row = imap.connected(server, make.inbox(), begin="now")
    look(row)
    # The mail came to the mailbox days before the inbox was added.
    Folder.objects.update(since=clock.now() + timedelta(days=3))
    imap.deliver(server, [imap.mail(1)])

    server.kill()
    server.renumber()
    server.start()
    look(row)

    assert RawMessage.objects.count() == 0
    assert Folder.objects.get().last_uid == 1


def test_a_mail_is_counted_only_when_it_is_stored(server, monkeypatch):
    row = imap.connected(server, make.inbox())
    imap.deliver(server, [imap.mail(1), imap.mail(2)])
    accept, calls = folders.intake.accept, []

    def break_down(*args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return accept(*args, **kwargs)

    monkeypatch.setattr(folders.intake, "accept", break_down)
    with pytest.raises(Trouble) as caught:
        look(row)

    assert caught.value.code == "disk"
    assert RawMessage.objects.count() == 0
    assert Folder.objects.get().last_uid == 0

    look(row)

    assert RawMessage.objects.count() == 2


def test_a_mail_that_vanishes_meanwhile_holds_up_nothing(server, monkeypatch):
    row = imap.connected(server, make.inbox())
    imap.deliver(server, [imap.mail(1), imap.mail(2)])
    look(row)
    validity = Folder.objects.get().uid_validity
    Folder.objects.update(last_uid=78, missing=[1, 77])
    monkeypatch.setattr(folders, "_number", lambda box, name: {"UIDNEXT": 79}.get(name, validity))

    assert look(row) == 0

    assert Folder.objects.get().missing == []


def test_a_huge_mail_is_put_aside_with_its_size(server, monkeypatch):
    row = imap.connected(server, make.inbox())
    monkeypatch.setattr(folders, "HUGE", 5_000)
    monkeypatch.setattr(folders, "MUCH", 5_000)
    monkeypatch.setattr(folders, "BEGINNING", 1_000)
    imap.deliver(server, [imap.mail(1, words="x" * 9_000), imap.mail(2)])

    look(row)

    huge = RawMessage.objects.get(outcome="quarantine")
    assert huge.reason == "too_large"
    assert huge.size > 9_000
    assert len(huge.read()) == 1_000
    assert RawMessage.objects.filter(outcome="").count() == 1


def test_another_folder_is_fetched_too(server):
    row = imap.connected(server, make.inbox(), folders=["INBOX", "Sales"])
    client = imap.client(server)
    client.create("Sales")
    client.append("Sales", None, None, imap.mail(9))
    client.logout()

    look(row, "Sales")

    assert RawMessage.objects.count() == 1


def listing(answer: Callable[[list[int]], str | None]) -> wires.Script:
    """A server that lists three mails and answers to their numbers as it is told."""

    def talk(heard: str) -> str | None:
        tag, _space, rest = heard.partition(" ")
        if "SEARCH" in rest:
            return f"* SEARCH 1 2 3\r\n{tag} OK done\r\n"
        if "RFC822.SIZE" in rest:
            lines = [f"* {number} FETCH (UID {number} RFC822.SIZE 9)\r\n" for number in (1, 2, 3)]
            return "".join(lines) + f"{tag} OK done\r\n"
        if "BODY" in rest:
            said = answer([int(number) for number in rest.split()[2].split(",")])
            return None if said is None else said.replace("TAG", tag)
        return plain.answer(heard)

    plain = wires.imap()
    return wires.Script("* OK ready\r\n", talk)


def body(number: int) -> str:
    return f"* {number} FETCH (BODY[] {{10}}\r\nTo: x{number}\r\n\r\n UID {number})\r\n"


def test_a_mail_that_the_server_refuses_holds_up_no_other():
    refused = listing(
        lambda numbers: "TAG NO not readable\r\n" if 2 in numbers else body(numbers[0]) + "TAG OK done\r\n"
    )
    row = imap.connected(refused, make.inbox())

    assert look(row) == 1
    assert (Folder.objects.get().last_uid, Folder.objects.get().missing) == (3, [2])
    assert RawMessage.objects.count() == 2

    whole = listing(lambda numbers: "".join(map(body, numbers)) + "TAG OK done\r\n")
    row.port = whole.port
    assert look(row) == 0

    assert RawMessage.objects.count() == 3
    assert Folder.objects.get().missing == []


def test_a_mail_at_which_the_server_breaks_off_holds_up_no_other():
    broken = listing(
        lambda numbers: None if 2 in numbers else "".join(map(body, numbers)) + "TAG OK done\r\n"
    )
    row = imap.connected(broken, make.inbox())
    suspects: set[int] = set()

    for _attempt in range(2):
        with pytest.raises(Trouble) as caught:
            look(row, suspects=suspects)
        assert caught.value.code == "broken"
    # The third time it is left out, and everything else is there.
    assert look(row, suspects=suspects) == 1

    assert RawMessage.objects.count() == 2
    assert Folder.objects.get().missing == [2]


@pytest.mark.parametrize(
    ("head", "sender"),
    [
        (b"Return-Path: <a@x.example>\r\nFrom: b@x.example\r\n\r\n", "a@x.example"),
        (b"From: B\n <b@x.example>\n\nReturn-Path: <c@x.example>", "b@x.example"),
        (b"\x00\xff\r\n", ""),
        (b"", ""),
    ],
)
def test_the_sender_is_read_from_the_head_alone(head, sender):
    assert folders._sender(head) == sender


def test_days_are_written_in_english():
    folder = Folder(since=datetime(2026, 3, 1, 12, tzinfo=UTC))

    assert folders._day(folder) == "28-Feb-2026"

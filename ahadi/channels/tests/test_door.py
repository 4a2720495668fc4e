"""The SMTP door: 250 means stored, and everything else leaves the mail with its sender."""

from __future__ import annotations

import asyncio
import errno
import smtplib
import socket
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from django.db import OperationalError
from hypothesis import given
from hypothesis import strategies as st

from ahadi.channels.email import door
from ahadi.channels.email.quarantine import LARGEST
from ahadi.lib.tests import loops

MAIL = b"From: a@post.example\r\nSubject: x\r\n\r\nHello\r\n"


@pytest.fixture
def stored(monkeypatch) -> list[tuple[bytes, str, list[str]]]:
    """What the door handed on, without a database in its threads."""
    taken: list[tuple[bytes, str, list[str], str]] = []
    monkeypatch.setattr(door.intake, "store_bytes", lambda *mail, client_ip: (*mail, client_ip))
    monkeypatch.setattr(door.intake, "take", taken.extend)
    return taken


@pytest.fixture
def server(stored) -> Iterator[smtplib.SMTP]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    opened = door.start("127.0.0.1", port)
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as connection:
        yield connection
    opened.stop()


def send(
    server: smtplib.SMTP, raw: bytes, recipients: tuple[str, ...] = ("help@marlo.example",)
) -> tuple[int, str]:
    server.ehlo_or_helo_if_needed()
    server.mail("a@post.example")
    for recipient in recipients:
        server.rcpt(recipient)
    code, said = server.data(raw)
    return code, said.decode()


def test_a_stored_mail_is_answered_with_250_and_kept_as_it_came(server, stored):
    raw = (
        b"From: a@post.example\r\nSubject: \xff\xfe\x00\r\n\r\n..dots\r\nbare\nline\r\n"
        + b"x" * 90_000
        + b"\r\n"
    )

    code, said = send(server, raw, ("help@marlo.example", "help+token@marlo.example"))

    assert (code, said) == (250, "2.0.0 Stored")
    assert stored == [(raw, "a@post.example", ["help@marlo.example", "help+token@marlo.example"], "")]


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "452 4.3.1"),
        (OSError(errno.EIO, "Input/output error"), "451 4.3.0"),
        (RuntimeError("database or disk is full"), "452 4.3.1"),
        (RuntimeError("something nobody thought of"), "451 4.3.0"),
    ],
)
def test_what_is_not_stored_stays_with_the_sender(server, monkeypatch, error, answer):
    def refuse(*_: object, **_more: object) -> None:
        raise error

    for step in ("store_bytes", "take"):
        with monkeypatch.context() as there:
            there.setattr(door.intake, step, refuse)
            code, said = send(server, MAIL)

        assert f"{code} {said}".startswith(answer)


def keep_at_once(monkeypatch, take: Callable[[list[Any]], None], *senders: str) -> list[object]:
    """What a keeper says to mails that all wait when the first of them is written down."""
    monkeypatch.setattr(door.intake, "store_bytes", lambda *mail, client_ip: (*mail, client_ip))
    monkeypatch.setattr(door.intake, "take", take)
    keeper, works = door.Keeper(), SimpleQueue()
    monkeypatch.setattr(keeper, "_rows", SimpleNamespace(start=works.put))

    async def send_all() -> list[object]:
        answers = [keeper.keep(door.Given(MAIL, sender, ["help"], "")) for sender in senders]
        for work in [works.get(timeout=30) for _answer in answers]:
            work()
        return await asyncio.gather(*answers, return_exceptions=True)

    return loops.play(send_all())


def test_mails_that_wait_are_written_together_and_none_keeps_another_out(monkeypatch):
    taken: list[list[str]] = []

    def take(mails: list[tuple[bytes, str]]) -> None:
        taken.append(sorted(sender for _raw, sender, *_more in mails))
        if any(sender == "bad" for _raw, sender, *_more in mails):
            raise RuntimeError("something nobody thought of")

    said = keep_at_once(monkeypatch, take, "one", "bad", "two")

    assert [type(each) for each in said] == [type(None), RuntimeError, type(None)]
    assert taken[0] == ["bad", "one", "two"]
    assert sorted(taken[1:]) == [["bad"], ["one"], ["two"]]


def test_while_the_database_does_not_answer_all_that_wait_are_told_at_once(monkeypatch):
    asked: list[int] = []

    def take(mails: list[tuple[bytes, str]]) -> None:
        asked.append(len(mails))
        raise OperationalError("database is locked")

    said = keep_at_once(monkeypatch, take, "one", "two", "three")

    assert [type(each) for each in said] == [OperationalError] * 3
    assert asked == [3]


def test_a_mail_above_the_limit_is_refused_at_the_door(server, stored):
    server.ehlo()
    announced, why = server.mail("a@post.example", [f"SIZE={LARGEST + 1}"])
    code, said = send(server, b"x" * 998 + b"\r\n" + (b"y" * 998 + b"\r\n") * (LARGEST // 1_000 + 1))

    assert (announced, why[:5]) == (552, b"5.3.4")
    assert (code, said[:5]) == (552, "5.3.4")
    assert stored == []


def test_a_recipient_that_is_no_address_is_refused(server):
    server.ehlo()
    server.mail("a@post.example")

    assert server.rcpt("nonsense")[0] >= 500
    assert server.rcpt("nobody-we-know@marlo.example")[0] == 250


ADDRESSES = st.one_of(
    st.from_regex(
        r"<[a-z.+'_-]{0,6}@[a-z0-9.-]{0,8}>( (SIZE=[0-9]{1,4}|SMTPUTF8|\(so\)) ?){0,2}", fullmatch=True
    ),
    st.text('<>@.ab \t()"\\é[]:,;', max_size=14),
)


@given(ADDRESSES)
def test_an_address_is_read_as_the_library_reads_it(text):
    ours, theirs = object.__new__(door._Server), object.__new__(SMTP)
    found = []
    for server in (ours, theirs):
        try:
            found.append(server._getaddr(text))
        except Exception as error:
            # The library falls over some, and answers so.
            found.append((type(error), ""))
    # What stands behind an address is read word by word.
    assert [(address, (rest or "").split()) for address, rest in found] == [
        (found[1][0], (found[1][1] or "").split())
    ] * 2


def test_a_report_without_a_sender_is_told_apart_from_a_sender_nobody_knows(server, stored):
    server.ehlo_or_helo_if_needed()
    server.mail("")
    server.rcpt("help@marlo.example")
    server.data(MAIL)

    assert [sender for _raw, sender, _recipients, _caller in stored] == ["<>"]

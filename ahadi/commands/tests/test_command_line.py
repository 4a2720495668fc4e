"""The command line: right use works, wrong use gets one line that says what to do."""

from __future__ import annotations

import io
import socket
import sys
from types import SimpleNamespace

import pytest

from ahadi.__main__ import main
from ahadi.api import tokens
from ahadi.channels.models import RawMessage
from ahadi.commands import COMMANDS, Refused, web
from ahadi.ledger import notes
from ahadi.lib import store
from ahadi.lib.crew import Crew
from ahadi.people.models import Agent, SignInLink
from ahadi.testing import make


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nope"],
        ["up", "--quickly"],
        ["token"],
        ["token", "create"],
        ["token", "create", "--agent", "a@example.com"],
        ["agent", "create"],
        ["agent", "create", "a@example.com"],
        ["agent", "invite", "a@example.com"],
        ["receive", "letter.eml"],
    ],
    ids=" ".join,
)
def test_wrong_use_prints_one_line_and_exits_2(words, capsys):
    try:
        status = main(words)
    except SystemExit as end:
        status = end.code

    said = capsys.readouterr()
    assert status == 2
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert said.err.startswith("ahadi")


def test_an_unknown_setting_stops_every_command(monkeypatch, capsys):
    monkeypatch.setenv("AHADI_PROT", "8000")

    assert main(["check"]) == 2
    assert "AHADI_PROT" in capsys.readouterr().err


def test_of_two_that_start_in_one_moment_the_second_says_who_has_the_port():
    given = SimpleNamespace(host="127.0.0.1", port=0)
    with web.listen(given) as ours, socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(ours.getsockname())
        other.listen()

        with pytest.raises(Refused, match="Cannot listen on 127.0.0.1:.* AHADI_PORT"):
            web.serve(Crew(), ours)


def test_a_command_before_the_setup_says_what_to_do(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("AHADI_DATA", str(tmp_path / "nothing"))
    monkeypatch.delenv("AHADI_SECRET_KEY")

    assert main(["check"]) == 1
    assert "ahadi setup" in capsys.readouterr().err
    assert not (tmp_path / "nothing").exists()


def test_the_list_of_commands_names_each(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--help"])

    said = capsys.readouterr().out
    assert end.value.code == 0
    assert [name for name in COMMANDS if name not in said] == []


@pytest.mark.django_db
def test_an_administrator_is_invited(capsys):
    status = main(["agent", "create", "Ana@Example.com", "--name", "Ana Pop", "--admin"])

    agent = Agent.objects.get(email="ana@example.com")
    assert status == 0
    assert agent.is_admin
    assert not agent.has_usable_password()
    assert capsys.readouterr().out.startswith("http://localhost:8000/")
    assert SignInLink.objects.get().agent == agent


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["nobody", "ana@example.com"])
def test_an_address_that_cannot_be_taken_is_refused(email, capsys):
    make.agent(email="ana@example.com")

    assert main(["agent", "create", email, "--name", "Ana"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.django_db
def test_an_agent_gets_a_new_link(capsys):
    agent = make.agent(email="ana@example.com")

    assert main(["agent", "link", "ANA@example.com"]) == 0
    assert main(["agent", "link", "bob@example.com"]) == 2
    assert SignInLink.objects.get().agent == agent


@pytest.mark.django_db
def test_a_token_is_printed_once_and_kept_hashed(capsys):
    make.agent(email="ana@example.com")

    assert main(["token", "create", "--agent", "ana@example.com", "--scopes", "tickets:read"]) == 0

    text = capsys.readouterr().out.strip()
    token = tokens.find(text)
    assert token is not None
    assert token.scopes == ["tickets:read"]
    assert text not in token.hash


@pytest.mark.django_db
@pytest.mark.parametrize("scopes", ["tickets:eat", ",", "admin:read"])
def test_a_scope_that_cannot_be_given_is_refused(scopes, capsys):
    make.agent(email="ana@example.com")

    assert main(["token", "create", "--agent", "ana@example.com", "--scopes", scopes]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def give(monkeypatch, raw):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))


MAIL = b"From: anna@post.example\r\nSubject: Hello\r\n\r\nThe grinder stops.\r\n"


@pytest.mark.django_db
def test_a_mail_on_standard_input_is_stored_once_byte_for_byte(monkeypatch):
    for _time in range(2):
        give(monkeypatch, MAIL)
        assert main(["receive", "--recipient", "help@marlo.example"]) == 0

    message = RawMessage.objects.get()
    assert store.read(message.sha256) == MAIL
    assert message.recipients == ["help@marlo.example"]


@pytest.mark.django_db
def test_a_mail_that_cannot_be_stored_is_kept_by_the_mail_server(monkeypatch, capsys, settings):
    settings.AHADI_FILES = "/proc/absent"
    give(monkeypatch, MAIL)

    assert main(["receive"]) == 75
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.django_db
def test_nothing_on_standard_input_is_wrong_use(monkeypatch, capsys):
    give(monkeypatch, b"")

    assert main(["receive"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_receipt_is_checked_without_a_database(material, capsys):
    vectors = material / "guide/vectors"
    key = (vectors / "vkey.txt").read_text().strip()

    assert main(["verify", str(vectors / "example.tlog-proof"), "--vkey", key, "--language", "en"]) == 0
    assert "help.example/ledger" in capsys.readouterr().out
    other = notes.Signer("help.example/ledger", bytes(32)).vkey
    assert main(["verify", str(vectors / "example.tlog-proof"), "--vkey", other]) == 1
    assert main(["verify", str(vectors / "entry.bin"), "--vkey", key]) == 2
    assert main(["verify", "no-such-file", "--vkey", key]) == 2

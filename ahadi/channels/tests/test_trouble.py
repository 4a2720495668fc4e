"""Each thing that can be wrong with a mail server has its own sentence, found with real servers."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest
from django.utils import translation

from ahadi.channels.email import servers, trials, trouble
from ahadi.channels.email.trouble import Trouble
from ahadi.channels.models import Grant, MailServer
from ahadi.lib import clock
from ahadi.outbox import jobs
from ahadi.testing import imap, make, wires

pytestmark = pytest.mark.django_db


def row(port: int, way: str = "in", security: str = "none", host: str = "127.0.0.1", **fields) -> MailServer:
    made = MailServer.objects.create(
        inbox=make.inbox(), way=way, host=host, port=port, security=security, user="help", **fields
    )
    made.keep_password("hidden-words")
    return made


def code_of(server: MailServer, timeout: float = 5) -> str:
    open_it = servers.open_imap if server.way == "in" else servers.open_smtp
    with pytest.raises(Trouble) as caught:
        open_it(server, timeout)
    assert "hidden-words" not in caught.value.said
    return caught.value.code


def test_every_code_has_a_sentence_and_a_next_step():
    whats = [str(explained.what) for explained in trouble.TABLE.values()]

    assert len(set(whats)) == len(whats)
    assert all(str(explained.next) for explained in trouble.TABLE.values())
    assert trouble.explain("nonsense") == trouble.TABLE["unknown"]


@pytest.mark.parametrize("way", ["in", "out"])
class TestNetwork:
    def test_a_name_that_does_not_exist(self, way):
        assert code_of(row(993, way, "tls", "nobody.invalid")) == "name"

    def test_a_name_that_cannot_exist(self, way):
        assert code_of(row(993, way, "tls", "a" * 64 + ".example")) == "name"

    def test_a_closed_port(self, way):
        assert code_of(row(imap.free_port(), way)) == "closed"

    @pytest.mark.parametrize("security", ["none", "tls", "starttls"])
    def test_a_server_that_says_nothing(self, way, security):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            assert code_of(row(silent.getsockname()[1], way, security), timeout=0.3) == "timeout"

    def test_another_kind_of_server(self, way):
        web = wires.Script("HTTP/1.1 400 Bad Request\r\n\r\n", lambda heard: None)

        assert code_of(row(web.port, way)) == "not_mail"

    def test_a_server_that_hangs_up(self, way):
        assert code_of(row(wires.Script("", lambda heard: None).port, way, "tls")) in (
            "tls_not_spoken",
            "broken",
        )

    def test_clear_text_never_leaves_this_machine(self, way):
        assert code_of(row(993, way, "none", "imap.example.com")) == "tls_not_offered"


@pytest.mark.parametrize(("way", "speak"), [("in", wires.imap), ("out", wires.smtp)])
class TestEncryption:
    def test_a_certificate_that_nobody_signed(self, way, speak, tmp_path):
        server = speak(wires.context(tmp_path))

        assert code_of(row(server.port, way, "tls")) == "certificate"

    def test_a_certificate_that_has_expired(self, way, speak, tmp_path, monkeypatch):
        signer = wires.authority(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(signer.file))
        server = speak(wires.context(tmp_path, signer, days=-1))

        assert code_of(row(server.port, way, "tls")) == "certificate_expired"

    def test_a_certificate_for_another_name(self, way, speak, tmp_path, monkeypatch):
        signer = wires.authority(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(signer.file))
        server = speak(wires.context(tmp_path, signer, host="mail.example.com"))

        assert code_of(row(server.port, way, "tls")) == "certificate_name"

    def test_a_certificate_that_is_right(self, way, speak, tmp_path, monkeypatch):
        signer = wires.authority(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(signer.file))
        server = row(speak(wires.context(tmp_path, signer)).port, way, "tls")

        if way == "in":
            servers.close(servers.open_imap(server))
        else:
            servers.open_smtp(server).close()

    def test_a_port_without_tls(self, way, speak):
        assert code_of(row(speak().port, way, "tls")) == "tls_not_spoken"

    def test_starttls_that_is_not_offered(self, way, speak):
        server = speak()

        assert code_of(row(server.port, way, "starttls")) == "tls_not_offered"
        assert not any("hidden" in heard for heard in server.heard)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", "password"),
        ("NO LOGIN failed.", "password"),
        ("NO [ALERT] Application-specific password required", "app_password"),
        ("NO [UNAVAILABLE] Temporary authentication failure.", "busy"),
        ("NO [LIMIT] Too many simultaneous connections", "busy"),
        ("NO LOGIN failed: Basic authentication is disabled.", "basic_auth"),
        ("NO [PRIVACYREQUIRED] Plaintext authentication disallowed", "tls_not_offered"),
        ("BAD hidden-words is not understood", "password"),
    ],
)
def test_what_an_imap_server_says_to_a_password(said, code):
    assert code_of(row(wires.imap(LOGIN=said).port)) == code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("535 5.7.8 Username and Password not accepted", "password"),
        ("534 5.7.9 Application-specific password required", "app_password"),
        ("535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", "basic_auth"),
        ("454 4.7.0 Too many login attempts, please try again later.", "busy"),
    ],
)
def test_what_an_smtp_server_says_to_a_password(said, code):
    assert code_of(row(wires.smtp(AUTH=said).port, "out")) == code


def test_an_smtp_server_without_sign_in():
    assert code_of(row(wires.smtp(extensions="").port, "out")) == "sign_in_not_offered"


def test_a_password_sealed_with_another_key(settings):
    server = row(wires.imap().port)
    settings.SECRET_KEY = "another key that is long enough"

    assert code_of(server) == "sealed"


@pytest.mark.parametrize(
    ("way", "port"),
    [
        ("in", lambda: wires.imap(AUTHENTICATE="NO [AUTHENTICATIONFAILED] Invalid credentials").port),
        (
            "out",
            lambda: wires.smtp(extensions="AUTH XOAUTH2", AUTH="535 5.7.3 Authentication unsuccessful").port,
        ),
    ],
)
def test_a_token_that_the_mail_server_refuses(way, port):
    server = row(port(), way, sign_in="google")
    grant = Grant.objects.create(inbox=server.inbox, provider="google")
    grant.keep("token-words", "", clock.now() + timedelta(hours=1))

    assert code_of(server) == "token_refused"


@pytest.mark.parametrize("kind", [imap.Pymap, imap.Dovecot], ids=["pymap", "dovecot"])
def test_real_servers_refuse_a_password_and_a_folder(kind):
    if kind is imap.Dovecot and not imap.Dovecot.is_here():
        pytest.skip("no dovecot on this machine")
    real = kind(imap.folder())
    real.start()
    try:
        assert code_of(row(real.port)) == "password"

        server = imap.connected(real, make.inbox("other@marlo.example"), folders=["INBOX", "Nowhere"])
        trials.ask(server)
        jobs.run_due()

        server.refresh_from_db()
        assert server.trial["trouble"] == "folder"
        assert [step["code"] for step in server.trial["steps"]] == ["connected", "signed_in", "folder"]
    finally:
        real.kill()


def test_a_full_mailbox_is_a_warning():
    quota = 'QUOTAROOT INBOX ""\nQUOTA "" (STORAGE 1024 1024)\nOK done'
    port = wires.imap(capabilities="IMAP4rev1 QUOTA", GETQUOTAROOT=quota).port
    server = row(port)

    trials.ask(server)
    jobs.run_due()

    server.refresh_from_db()
    assert trials.has_worked(server)
    assert trials.explained(server) == trouble.TABLE["full"]


def test_room_in_the_mailbox_is_no_warning():
    quota = 'QUOTAROOT INBOX ""\nQUOTA "" (STORAGE 1023 1024 MESSAGE 7 9)\nOK done'
    server = row(wires.imap(capabilities="IMAP4rev1 QUOTA", GETQUOTAROOT=quota).port)

    trials.ask(server)
    jobs.run_due()

    server.refresh_from_db()
    assert trials.explained(server) is None


def test_a_test_that_nobody_runs_ends_with_a_sentence():
    server = row(993)
    trials.ask(server)

    assert trials.is_running(server)
    with clock.at(clock.now() + timedelta(minutes=3)):
        assert not trials.is_running(server)
        assert trials.explained(server) == trouble.TABLE["timeout"]


def test_a_sending_server_is_tried_out_too():
    server = row(wires.smtp().port, "out")

    trials.ask(server)
    jobs.run_due()

    server.refresh_from_db()
    assert trials.has_worked(server)
    assert [step["code"] for step in server.trial["steps"]] == ["connected", "signed_in"]


def test_sentences_are_said_in_the_readers_language():
    with translation.override("en"):
        assert str(trouble.explain("closed").what) == (
            "The server is there, but nothing answers at this port."
        )

"""The examination of an inbox and the signature of its mails, with the DNS given."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes

import dkim
import pytest
from aiosmtpd.controller import Controller
from django.test import Client

from ahadi.channels import intake
from ahadi.channels.email import checkups, signing, smtp, verdicts
from ahadi.channels.models import Checkup, OutgoingMail, SigningKey
from ahadi.lib import clock, dns
from ahadi.outbox import jobs
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

DOMAIN, HOST, ADDRESS = "marlo.example", "mail.marlo.example", "203.0.113.7"
GOOD = {
    DOMAIN: {"MX": ["10 mx.marlo.example."], "TXT": ["v=spf1 ip4:203.0.113.7 -all"]},
    HOST: {"A": [ADDRESS]},
    f"_dmarc.{DOMAIN}": {"TXT": ["v=DMARC1; p=reject"]},
    "7.113.0.203.in-addr.arpa": {"PTR": [f"{HOST}."]},
}


class Taker:
    """Our mail server, which takes everything."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def handle_DATA(self, server, session, envelope) -> str:
        self.taken.append(envelope.original_content)
        return "250 OK"


@pytest.fixture
def inbox():
    make.company()
    return make.inbox(f"help@{DOMAIN}")


@pytest.fixture
def server(settings) -> Iterator[Taker]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    taker = Taker()
    controller = Controller(taker, hostname="127.0.0.1", port=port)
    controller.start()
    # A server on this machine sends from where the site is.
    settings.AHADI_SMTP_OUT, settings.AHADI_URL = f"smtp://127.0.0.1:{port}", f"https://{HOST}"
    yield taker
    smtp.hang_up()
    controller.stop()


def examined(inbox, zone=GOOD) -> dict[str, tuple[str, str]]:
    """State and code of every finding."""
    with dns.answering(zone):
        checkup = checkups.ask(inbox)
        jobs.run_due()
    checkup.refresh_from_db()
    assert checkup.done is not None
    return {one["about"]: (one["state"], one["code"]) for one in checkup.findings}


def with_key(inbox, zone=GOOD) -> dict:
    key = signing.key_of(DOMAIN)
    return {**zone, key.place: {"TXT": [key.record]}}


def test_where_all_is_well_every_line_says_so(inbox, server):
    found = examined(inbox, with_key(inbox))

    assert {state for about, (state, _code) in found.items() if about != "loop"} == {"ok"}
    assert found["loop"] == ("waits", "loop_sent")
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    ("about", "changes", "expected"),
    [
        ("mx", {DOMAIN: {"TXT": ["v=spf1 ip4:203.0.113.7 -all"]}}, ("bad", "mx_none")),
        ("spf", {DOMAIN: {"MX": ["10 mx.example."]}}, ("bad", "spf_none")),
        ("spf", {DOMAIN: {"TXT": ["v=spf1 -all", "v=spf1 +all"]}}, ("bad", "spf_many")),
        ("spf", {DOMAIN: {"TXT": ["v=spf1 ip4:198.51.100.1 -all"]}}, ("warn", "spf_other")),
        ("spf", {DOMAIN: {"TXT": ["v=spf1 ipp4:oops -all"]}}, ("bad", "spf_wrong")),
        ("dmarc", {f"_dmarc.{DOMAIN}": {}}, ("warn", "dmarc_none")),
        ("dmarc", {f"_dmarc.{DOMAIN}": {"TXT": ["v=DMARC1; p=none"]}}, ("ok", "dmarc_watch")),
        ("dkim", {}, ("warn", "dkim_none")),
        ("reverse", {"7.113.0.203.in-addr.arpa": {}}, ("warn", "reverse_none")),
        ("reverse", {HOST: {}}, ("warn", "reverse_unknown")),
        ("mx", {DOMAIN: dns.SILENCE}, ("warn", "dns_silent")),
    ],
)
def test_each_fault_is_found(inbox, server, about: str, changes, expected):
    assert examined(inbox, {**GOOD, **changes})[about] == expected


def test_without_a_mail_server_nothing_is_sent_and_it_is_said(inbox):
    found = examined(inbox)

    assert found["tls"] == found["loop"] == ("bad", "no_server")
    assert OutgoingMail.objects.count() == 0


def test_a_server_that_cannot_be_reached_has_its_sentence(inbox, settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.AHADI_SMTP_OUT = f"smtp://127.0.0.1:{probe.getsockname()[1]}"

    examined(inbox)

    finding = next(one for one in Checkup.objects.get().findings if one["about"] == "tls")
    said = verdicts.read(finding["code"], finding["data"])
    assert "nothing answers at this port" in said.what
    assert said.next


def test_the_mail_to_itself_is_seen_when_it_comes_back_and_missed_when_not(inbox, server):
    examined(inbox)
    checkup = Checkup.objects.get()

    with clock.at(clock.now() + timedelta(seconds=9)):
        waiting = checkups.loop(checkup)
        stamp = clock.now().strftime("%a, %d %b %Y %H:%M:%S +0000")
        raw = f"Received: from a by b; {stamp}\r\n".encode() + server.taken[0]
        intake.accept(raw, inbox.address, [inbox.address])
        jobs.run_due()
        back = checkups.loop(checkup)
    with clock.at(clock.now() + timedelta(minutes=11)):
        Checkup.objects.update(message_id="<other@marlo.example>")
        lost = checkups.loop(Checkup.objects.get())

    assert [one["code"] for one in waiting] == ["loop_waits"]
    assert [(one["code"], one["data"]) for one in back] == [("loop_ok", {"seconds": 9}), ("clock_ok", {})]
    assert [(one["state"], one["code"]) for one in lost] == [("bad", "loop_lost")]


def test_a_clock_that_differs_from_other_servers_is_told(inbox, server):
    examined(inbox)
    raw = b"Received: from a by b; Wed, 02 Dec 2020 10:00:00 +0000\r\n" + server.taken[0]
    intake.accept(raw, inbox.address, [inbox.address])
    jobs.run_due()

    assert checkups.loop(Checkup.objects.get())[1]["code"] == "clock_off"


def test_mails_are_signed_only_from_when_the_key_can_be_read(inbox, server):
    zone = with_key(inbox)
    unsigned = signing.signed(b"From: a@marlo.example\r\n\r\nHello\r\n", DOMAIN)

    examined(inbox, zone)
    ticket = make.ticket(data={"no_acknowledgement": True})
    ticket.reply("We found it.", by=make.agent())
    jobs.run_due()
    raw = server.taken[-1]

    key = SigningKey.objects.get()
    records = {key.place + ".": key.record.encode()}
    assert not unsigned.startswith(b"DKIM-Signature")
    assert dkim.verify(raw, dnsfunc=lambda name, timeout=5: records.get(name.decode()))
    assert not dkim.verify(
        raw.replace(b"We found", b"We lost!"), dnsfunc=lambda name, timeout=5: records.get(name.decode())
    )
    assert message_from_bytes(raw)["DKIM-Signature"].replace(" ", "").count("d=marlo.example") == 1
    assert "PRIVATE KEY" not in key.private


def test_a_key_that_vanished_from_the_dns_signs_no_more(inbox, server):
    examined(inbox, with_key(inbox))
    examined(inbox, GOOD)

    assert SigningKey.objects.get().published is None
    assert signing.signed(b"From: a@marlo.example\r\n\r\nHello\r\n", DOMAIN).startswith(b"From")


def test_every_finding_has_words_and_every_fault_a_next_step():
    names = ("hosts", "domain", "host", "version", "address", "seconds", "minutes", "error", "record")
    data = dict.fromkeys(names, "x")

    for code in verdicts.TABLE:
        said = verdicts.read(code, data)
        assert said.what
        assert "%(" not in said.what + said.next


def test_an_administrator_asks_for_a_check_and_reads_what_to_do(client, inbox, server):
    client.force_login(make.admin())
    before = client.get(f"/desk/settings/mail-checks/{inbox.pk}/").content.decode()

    with dns.answering(GOOD):
        client.post(f"/desk/settings/mail-checks/{inbox.pk}/")
        jobs.run_due()
    page = client.get(f"/desk/settings/mail-checks/{inbox.pk}/").content.decode()
    overview = client.get("/desk/settings/mail-checks/").content.decode()

    assert "Not checked yet" in before
    assert "The key cannot be read in the DNS yet" in page
    assert SigningKey.objects.get().record in page
    assert "Something can be better" in overview


def test_only_administrators_check_mail(client, inbox):
    client.force_login(make.lead())

    for path in ("/desk/settings/mail-checks/", f"/desk/settings/mail-checks/{inbox.pk}/"):
        assert client.get(path).status_code == 403
        assert Client().get(path).status_code == 302
    assert client.post(f"/desk/settings/mail-checks/{inbox.pk}/").status_code == 403
    assert not Checkup.objects.exists()

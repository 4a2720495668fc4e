"""Handing mails to other servers, refused, delayed and broken off."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import get_connection, send_mail

from ahadi.channels.base import ChannelError
from ahadi.channels.email import smtp
from ahadi.channels.models import Delivery, MailServer, OutgoingMail
from ahadi.lib import clock
from ahadi.outbox import jobs
from ahadi.outbox.models import Job
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


class Sink:
    """Somebody else's mail server, which answers as it is told."""

    def __init__(self) -> None:
        self.recipient, self.text = "250 OK", "250 OK"
        self.taken: list[bytes] = []
        self.breaks = self.ends = False
        self.connections = set()

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server, session, envelope) -> str:
        self.taken.append(envelope.content)
        self.connections.add(session.peer)
        if self.breaks:
            server.transport.abort()
        if self.ends:
            asyncio.get_running_loop().call_later(0, server.transport.abort)
        return self.text


@pytest.fixture
def sink(settings) -> Iterator[Sink]:
    sink = Sink()
    server = Controller(sink, hostname="127.0.0.1", port=_free_port())
    server.start()
    settings.AHADI_SMTP_OUT = f"smtp://127.0.0.1:{server.port}"
    yield sink
    smtp.hang_up()
    server.stop()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answered() -> Delivery:
    """A ticket that an agent has answered, with the mail on its way."""
    ticket = make.ticket(data={"no_acknowledgement": True})
    entry = ticket.reply("Try the other socket.", by=make.agent(), solve=True)
    return Delivery.objects.get(entry=entry)


def test_a_mail_is_sent_when_the_other_side_said_so(sink):
    delivery = answered()

    jobs.run_due()

    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, len(sink.taken)) == ("sent", 1, 1)
    assert delivery.sent is not None
    assert delivery.message_id.encode() in sink.taken[0]
    assert Job.objects.count() == 0


def test_mails_one_after_the_other_share_a_connection(sink):
    for _number in range(3):
        answered()

    jobs.run_due()

    assert (len(sink.taken), len(sink.connections)) == (3, 1)


def test_what_people_say_leaves_before_what_the_machine_says(sink):
    make.ticket()
    answered()

    jobs.run_due()

    automatic = [b"Auto-Submitted" in mail for mail in sink.taken]
    assert automatic == [False, True]


def test_a_kept_connection_that_the_server_ended_is_opened_again(sink):
    sink.ends = True
    answered()
    jobs.run_due()
    answered()
    jobs.run_due()

    assert (len(sink.taken), len(sink.connections)) == (2, 2)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_a_refusal_leaves_nothing_behind_for_the_next_mail(sink):
    refused = answered()
    sink.recipient = "550 5.1.1 No such user"
    jobs.run_due()
    sink.recipient = "250 OK"
    answered()
    jobs.run_due()

    assert len(sink.taken) == 1
    assert refused.address.value.encode() not in sink.taken[0]


def test_a_refused_recipient_brings_the_ticket_back_to_its_owner(sink):
    delivery = answered()
    sink.recipient = "550 5.1.1 No such user"

    jobs.run_due()

    delivery.refresh_from_db()
    ticket = delivery.entry.ticket
    assert delivery.state == "failed"
    assert "No such user" in delivery.last_error
    assert (ticket.status, ticket.step_code) == ("open", "delivery")
    assert "No such user" in ticket.entries.get(code="reopened").words.data["reason"]
    assert Job.objects.count() == 0


@pytest.mark.parametrize("place", ["recipient", "text"])
def test_a_busy_server_is_tried_again(sink, place):
    delivery = answered()
    setattr(sink, place, "451 4.3.0 Later")
    jobs.run_due()
    delivery.refresh_from_db()
    assert (delivery.state, "Later" in delivery.last_error) == ("queued", True)

    setattr(sink, place, "250 OK")
    with clock.at(clock.now() + timedelta(minutes=1)):
        jobs.run_due()

    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_error) == ("sent", "")


def test_a_server_that_cannot_be_reached_is_tried_for_a_day(settings):
    settings.AHADI_SMTP_OUT = f"smtp://127.0.0.1:{_free_port()}"
    delivery = answered()

    for hours in range(27):
        with clock.at(delivery.created + timedelta(hours=hours)):
            jobs.run_due()
        delivery.refresh_from_db()
        assert delivery.state == ("queued" if hours <= 24 else "failed")

    assert delivery.entry.ticket.entries.filter(code="reopened").exists()


def test_a_connection_that_breaks_after_the_text_leaves_a_doubt_and_no_double(sink):
    delivery = answered()
    sink.breaks = True
    jobs.run_due()

    sink.breaks = False
    with clock.at(clock.now() + timedelta(hours=2)):
        jobs.run_due()

    delivery.refresh_from_db()
    assert (delivery.state, len(sink.taken)) == ("unknown", 1)


def test_a_crash_while_handing_over_is_never_followed_by_a_second_attempt(sink):
    delivery = answered()
    delivery.begin()

    jobs.run_due()

    delivery.refresh_from_db()
    assert (delivery.state, sink.taken) == ("unknown", [])


def test_answers_of_one_ticket_leave_in_their_order(sink):
    delivery = answered()
    sink.recipient = "451 4.3.0 Later"
    jobs.run_due()
    delivery.entry.ticket.reply("And clean it.", by=make.agent())
    sink.recipient = "250 OK"
    jobs.run_due()
    assert sink.taken == []

    with clock.at(clock.now() + timedelta(minutes=1)):
        jobs.run_due()

    assert [b"other socket" in mail for mail in sink.taken] == [True, False]


def test_mail_to_another_machine_is_encrypted_or_not_sent(sink, settings, monkeypatch):
    monkeypatch.setattr(smtp, "is_here", lambda host: False)

    with pytest.raises(ChannelError, match="STARTTLS"):
        smtp.hand_over(b"Subject: x\r\n\r\nx\r\n", "a@a.example", ["b@b.example"])

    assert sink.taken == []


def test_an_inbox_with_a_server_of_its_own_sends_through_that(sink, settings):
    port = int(settings.AHADI_SMTP_OUT.rpartition(":")[2])
    settings.AHADI_SMTP_OUT = ""
    inbox = make.inbox()
    server = MailServer.objects.create(inbox=inbox, way="out", host="127.0.0.1", port=port, security="none")
    delivery = answered()

    jobs.run_due()

    delivery.refresh_from_db()
    server.refresh_from_db()
    assert (delivery.state, len(sink.taken), OutgoingMail.objects.count()) == ("sent", 1, 0)
    assert server.last_success == clock.now()


def test_trouble_with_that_server_is_kept_for_the_administrator_and_tried_again(settings):
    settings.AHADI_SMTP_OUT = ""
    inbox = make.inbox()
    server = MailServer.objects.create(
        inbox=inbox, way="out", host="127.0.0.1", port=_free_port(), security="none"
    )
    delivery = answered()

    jobs.run_due()

    delivery.refresh_from_db()
    server.refresh_from_db()
    assert (delivery.state, server.trouble) == ("queued", "closed")
    assert delivery.last_error == f"closed: 127.0.0.1:{server.port}"
    assert Job.objects.get().last_error == delivery.last_error


def test_codes_leave_through_the_server_of_an_inbox_where_there_is_no_other(sink, settings):
    port = int(settings.AHADI_SMTP_OUT.rpartition(":")[2])
    settings.AHADI_SMTP_OUT = ""
    MailServer.objects.create(inbox=make.inbox(), way="out", host="127.0.0.1", port=port, security="none")
    way = get_connection("ahadi.channels.email.backend.OutboxBackend")
    send_mail("Sign in", "Your code is 1234", "help@marlo.example", ["mara@marlo.example"], connection=way)

    jobs.run_due()

    assert len(sink.taken) == 1
    assert OutgoingMail.objects.count() == 0


def test_without_any_server_mails_wait_where_they_can_be_read():
    way = get_connection("ahadi.channels.email.backend.OutboxBackend")
    send_mail("Sign in", "Your code is 1234", "help@marlo.example", ["mara@marlo.example"], connection=way)

    jobs.run_due()

    assert (OutgoingMail.objects.count(), Job.objects.count()) == (1, 0)


def test_a_customer_without_mail_reads_the_answer_on_the_page():
    from ahadi.channels.form.channel import Form, receive_form

    ticket = receive_form(Form(problem="It is broken.", phone="+40 721 234 567")).ticket

    ticket.reply("We call you.", by=make.agent())

    assert list(Delivery.objects.values_list("state", flat=True)) == ["kept"]
    assert Job.objects.count() == 0


def test_the_form_keeps_the_three_parts_of_what_was_said():
    from ahadi.channels.form.channel import Form, receive_form

    ticket = receive_form(Form(problem="It stops.", wish="A new one.", email="a@post.example")).ticket

    assert (ticket.statement.problem, ticket.statement.wish, ticket.statement.situation) == (
        "It stops.",
        "A new one.",
        "",
    )
    assert ticket.entries.get(seq=1).words.text == "It stops.\n\nA new one."


def test_mails_of_the_framework_go_the_same_way_and_are_forgotten_when_sent(sink):
    way = get_connection("ahadi.channels.email.backend.OutboxBackend")
    send_mail("Sign in", "Your code is 1234", "help@marlo.example", ["mara@marlo.example"], connection=way)
    assert OutgoingMail.objects.count() == 1

    jobs.run_due()

    assert b"Auto-Submitted: auto-generated" in sink.taken[0]
    assert OutgoingMail.objects.count() == 0

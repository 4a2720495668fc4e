"""A mail that did not arrive is known by the one delivery it was, and its ticket comes back to its owner."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ahadi.channels import intake, participants, ways
from ahadi.channels.email import outbound, signature
from ahadi.channels.models import Delivery, OutgoingMail, RawMessage, Suppression
from ahadi.lib import clock
from ahadi.outbox import jobs
from ahadi.people.models import Address
from ahadi.promises.models import Promise
from ahadi.testing import make
from ahadi.tickets.models import Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

HELP = "help@marlo.example"
ANNA, BEN = "anna@post.example", "ben@post.example"
SILENT = {"no_acknowledgement": True}


@pytest.fixture(autouse=True)
def inbox():
    make.company()
    return make.inbox()


@pytest.fixture
def delivery() -> Delivery:
    """Mara's answer to Anna, which left."""
    ticket = make.ticket(by=make.address(ANNA), data=SILENT)
    entry = ticket.reply("Which light blinks?", by=make.agent("Mara Lind"), wait=True)
    jobs.run_due()
    return Delivery.objects.get(entry=entry)


def report(
    recipient: str = ANNA,
    action: str = "failed",
    status: str = "5.1.1",
    words: str = "550 5.1.1 No such user",
    original: str = "",
) -> bytes:
    enclosed = (
        f"--x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {original}\r\n\r\n" if original else ""
    )
    return (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {HELP}\r\nSubject: Undelivered Mail\r\n"
        f"Message-ID: <{status}.{action}.{recipient}>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n'
        "--x\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {words}\r\n\r\n{enclosed}--x--\r\n"
    ).encode()


def complaint(original: str, kind: str = "abuse") -> bytes:
    return (
        f"From: fbl@provider.example\r\nTo: {HELP}\r\nSubject: complaint\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="x"\r\n\r\n'
        "--x\r\nContent-Type: text/plain\r\n\r\nA reader complained.\r\n"
        "--x\r\nContent-Type: message/feedback-report\r\n\r\n"
        f"Feedback-Type: {kind}\r\nUser-Agent: fbl/1\r\nVersion: 1\r\nOriginal-Rcpt-To: {ANNA}\r\n\r\n"
        f"--x\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {original}\r\nSubject: x\r\n\r\nHello\r\n"
        "--x--\r\n"
    ).encode()


def arrive(raw: bytes, to: str = HELP) -> RawMessage:
    message = intake.accept(raw, "<>", [to])
    jobs.run_due()
    message.refresh_from_db()
    return message


def test_a_report_to_the_return_path_is_matched_without_any_id(delivery):
    to = OutgoingMail.objects.get().sender

    message = arrive(report(), to)

    delivery.refresh_from_db()
    ticket = Ticket.objects.get()
    assert signature.read_return_address(to) == delivery.pk
    assert (message.outcome, message.evidence["by"]) == ("entry", "return_path")
    assert (delivery.state, delivery.last_error) == ("failed", "5.1.1 550 5.1.1 No such user")
    assert (ticket.status, ticket.step_code, ticket.assignee.name) == ("open", "delivery", "Mara Lind")


def test_words_that_never_arrived_have_kept_no_promise(delivery):
    first = Promise.objects.earliest("pk")
    assert first.kept is not None

    arrive(report(), OutgoingMail.objects.get().sender)

    first.refresh_from_db()
    standing = Promise.objects.open().get()
    assert (first.kept, first.moved, first.reason) == (None, clock.now(), "5.1.1 550 5.1.1 No such user")
    assert (standing.step_code, standing.owner_agent.name) == ("delivery", "Mara Lind")


def test_a_report_that_encloses_the_mail_is_matched_by_its_id(delivery):
    message = arrive(report(original=delivery.message_id))

    delivery.refresh_from_db()
    assert (message.evidence["by"], delivery.state) == ("our_id", "failed")


@pytest.mark.parametrize("place", [4, 12, 20, 30])
def test_a_report_with_a_changed_return_path_or_id_is_put_aside(delivery, place):
    to = signature.return_address(delivery.pk, HELP)
    at = min(place, to.index("@") - 1)
    changed = to[:at] + ("7" if to[at] != "7" else "6") + to[at + 1 :]
    original = delivery.message_id.replace("<c.", "<d.")

    message = arrive(report(original=original), changed)

    delivery.refresh_from_db()
    assert (message.outcome, message.reason) == ("quarantine", "bounce")
    assert delivery.state == "kept"


def test_a_delay_is_noted_and_changes_nothing(delivery):
    before = Ticket.objects.values_list("status", "step_code", "due").get()

    arrive(
        report(action="delayed", status="4.4.1", words="connection timed out"),
        OutgoingMail.objects.get().sender,
    )

    delivery.refresh_from_db()
    assert delivery.state == "kept"
    assert Ticket.objects.values_list("status", "step_code", "due").get() == before
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    ("status", "words", "is_gone"),
    [
        ("5.1.1", "550 5.1.1 No such user", True),
        ("5.1.2", "550 Host unknown", True),
        ("5.2.2", "552 5.2.2 Mailbox full", False),
        ("5.7.1", "554 5.7.1 Blocked", False),
        ("5.3.4", "552 5.3.4 Message too big", False),
    ],
)
def test_only_an_address_that_nobody_reads_is_left_in_peace_by_machines(delivery, status, words, is_gone):
    arrive(report(status=status, words=words), OutgoingMail.objects.get().sender)

    standing = Suppression.objects.standing()
    assert [found.address.value for found in standing] == ([ANNA] if is_gone else [])
    if is_gone:
        assert standing.get().until == clock.now() + timedelta(days=60)


def test_the_same_report_twice_says_it_once(delivery):
    to = OutgoingMail.objects.get().sender
    arrive(report(), to)

    arrive(report().replace(b"Sorry.", b"Very sorry."), to)

    assert Suppression.objects.count() == 1
    assert Ticket.objects.get().entries.filter(code="reopened").count() == 1


def test_a_mail_from_a_suppressed_address_lifts_it(delivery):
    arrive(report(), OutgoingMail.objects.get().sender)
    mail = (
        f"From: {ANNA}\r\nTo: {HELP}\r\nSubject: I am here\r\nMessage-ID: <h@post.example>\r\n\r\nHello\r\n"
    )

    arrive_from(mail.encode())

    assert not Suppression.objects.standing().exists()


def arrive_from(raw: bytes) -> None:
    intake.accept(raw, ANNA, [HELP])
    jobs.run_due()


def test_the_failure_of_one_reader_is_not_the_failure_of_another():
    ticket = make.ticket(by=make.address(ANNA), data=SILENT)
    mara = make.agent("Mara Lind")
    participants.add(ticket, BEN, by=mara)
    entry = ticket.reply("Which light blinks?", by=mara)
    jobs.run_due()
    to_anna = Delivery.objects.get(entry=entry, address__value=ANNA)

    arrive(report(recipient=BEN, original=to_anna.message_id))

    states = dict(Delivery.objects.filter(entry=entry).values_list("address__value", "state"))
    assert states == {ANNA: "kept", BEN: "failed"}
    assert [found.address.value for found in Suppression.objects.standing()] == [BEN]


@pytest.mark.parametrize(("kind", "is_meant"), [("abuse", True), ("opt-out", True), ("not-spam", False)])
def test_a_reader_who_complains_gets_no_automatic_mail(delivery, kind, is_meant):
    message = arrive(complaint(delivery.message_id, kind))

    delivery.refresh_from_db()
    reasons = list(Suppression.objects.values_list("reason", flat=True))
    assert message.outcome == "entry"
    assert (reasons, delivery.state) == (["complaint"] if is_meant else [], "kept")


def test_automatic_mail_has_no_return_path_and_human_mail_one_of_its_own(delivery, inbox):
    assert outbound.envelope_sender(delivery, inbox) == signature.return_address(delivery.pk, HELP)
    inbox.has_plus_addresses = False
    assert outbound.envelope_sender(delivery, inbox) == HELP
    delivery.automatic = True
    assert outbound.envelope_sender(delivery, inbox) == ""


def test_nothing_is_ever_mailed_to_the_sender_of_a_report(delivery):
    count = OutgoingMail.objects.count()

    arrive(report(), OutgoingMail.objects.get().sender)
    arrive(report(recipient="victim@post.example", status="5.0.0"))
    arrive(
        b"From: MAILER-DAEMON@mx.example\r\nSubject: failure notice\r\n\r\nNot delivered to <x@y.example>\r\n"
    )

    assert OutgoingMail.objects.count() == count


def test_an_answer_goes_another_way_to_the_same_person_and_stays_there(delivery):
    other = Address.objects.create(
        customer=delivery.address.customer, kind="email", value="anna@home.example", shown="anna@home.example"
    )
    arrive(report(), OutgoingMail.objects.get().sender)
    delivery.refresh_from_db()
    mara = make.agent("Mara Lind")

    again = ways.send(delivery, other, by=mara)
    ways.send(delivery, other, by=mara)
    jobs.run_due()

    again.refresh_from_db()
    ticket = Ticket.objects.get()
    assert again.state == "kept"
    assert OutgoingMail.objects.filter(recipients=["anna@home.example"]).count() == 1
    assert (ticket.address, ticket.status, ticket.step_code) == (other, "open", "news")
    assert ticket.entries.filter(code="other_way").count() == 1


def test_an_answer_never_goes_to_somebody_else(delivery):
    with pytest.raises(ways.NotPossible):
        ways.send(delivery, make.address("eve@else.example"), by=make.agent())

    assert Delivery.objects.count() == 1

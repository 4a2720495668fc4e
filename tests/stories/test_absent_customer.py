"""The customer is on holiday: their mail program says so, and nobody's clock starts again, nobody is woken.

What a machine says is kept where people see it, it is never answered, and the day of return stands on the
request until its owner writes.
"""

from __future__ import annotations

from datetime import date, timedelta
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from ahadi.channels import intake
from ahadi.channels.email import quarantine
from ahadi.channels.models import Absence, OutgoingMail, RawMessage
from ahadi.lib import clock
from ahadi.outbox import jobs
from ahadi.portal.tests.visits import WEDNESDAY, ask
from ahadi.promises.models import Promise
from ahadi.testing import letters, make
from ahadi.tickets.models import Entry, Ticket
from tests.stories import mailbox

pytestmark = pytest.mark.django_db

ANNA = "anna@post.example"


@pytest.fixture(autouse=True)
def company():
    make.company()
    make.inbox(mailbox.HELP)


@pytest.fixture
def ticket() -> Ticket:
    """Anna has asked, Mara has answered and waits."""
    with clock.at(WEDNESDAY):
        raw = arrive(write("The grinder stops.", message_id="<1@post.example>"))
        raw.entry.ticket.reply("Which light blinks?", by=make.agent("Mara Lind"), wait=True)
        jobs.run_due()
    return raw.entry.ticket


def write(
    text: str, sender: str = f"Anna Kern <{ANNA}>", subject: str = "Grinder", **headers: str
) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, mailbox.HELP, subject
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def arrive(mail: EmailMessage, sender: str = ANNA) -> RawMessage:
    raw = intake.accept(mail.as_bytes(), sender, [mailbox.HELP])
    jobs.run_due()
    raw.refresh_from_db()
    return raw


def away(text: str = "I am out of the office until 14 December.", **headers: str) -> EmailMessage:
    given = {"Auto_Submitted": "auto-replied", "message_id": "<ooo@post.example>"} | headers
    return write(text, subject="Automatic reply: Re: Grinder", **given)


def state(ticket: Ticket) -> tuple[object, ...]:
    ticket.refresh_from_db()
    promise = Promise.objects.open().filter(ticket=ticket).values_list("pk", "due").first()
    return ticket.status, ticket.step_code, ticket.due, ticket.waiting_since, ticket.solved, promise


def test_an_absence_note_is_kept_with_its_day_and_changes_nothing_else(ticket):
    before, sent = state(ticket), OutgoingMail.objects.count()

    with clock.at(WEDNESDAY + timedelta(minutes=1)):
        raw = arrive(away(In_Reply_To=mailbox.received(ANNA)[-1]["Message-ID"]))

    assert raw.entry.ticket == ticket
    assert raw.entry.automatic
    assert state(ticket) == before
    assert OutgoingMail.objects.count() == sent
    assert Absence.objects.get().back == date(2026, 12, 14)


def test_a_note_that_names_nothing_belongs_to_what_was_sent_last(ticket):
    with clock.at(WEDNESDAY + timedelta(minutes=1)):
        raw = arrive(away(), sender="<>")

    assert (raw.outcome, raw.entry.ticket) == ("entry", ticket)


def test_a_note_to_the_return_path_belongs_to_the_answer_that_went_there(ticket):
    path = OutgoingMail.objects.latest("pk").sender

    with clock.at(WEDNESDAY + timedelta(minutes=1)):
        raw = intake.accept(away().as_bytes(), "<>", [path])
        jobs.run_due()

    raw.refresh_from_db()
    assert raw.entry.ticket == ticket


def test_a_note_on_a_solved_request_leaves_it_solved(ticket):
    with clock.at(WEDNESDAY + timedelta(minutes=1)):
        ticket.reply("It is mended.", by=make.agent(), solve=True)
        before = state(ticket)
        arrive(away(In_Reply_To=mailbox.received(ANNA)[-1]["Message-ID"]))

    assert before[0] == "solved"
    assert state(ticket) == before


def test_whoever_writes_again_is_no_longer_away(ticket):
    with clock.at(WEDNESDAY + timedelta(minutes=1)):
        arrive(away())
        arrive(write("I am back.", message_id="<2@post.example>", In_Reply_To="<1@post.example>"))

    assert Absence.objects.get().ended is not None
    assert state(ticket)[0] == "open"


def test_the_day_in_the_note_of_a_stranger_says_nothing_about_the_customer(ticket):
    token = mailbox.received(ANNA)[-1]["Message-ID"]

    with clock.at(WEDNESDAY + timedelta(minutes=1)):
        note = away(In_Reply_To=token)
        del note["From"]
        note["From"] = "Eve <eve@else.example>"
        raw = arrive(note, sender="eve@else.example")

    assert raw.entry.kind == Entry.Kind.NOTE
    assert not Absence.objects.exists()


def test_a_shipping_notice_is_a_request_of_its_own_and_is_not_answered(ticket):
    sent = OutgoingMail.objects.count()

    with clock.at(WEDNESDAY + timedelta(days=1)):
        raw = arrive(
            write("Your parcel has left.", message_id="<3@post.example>", Auto_Submitted="auto-generated")
        )

    assert raw.outcome == "ticket"
    assert OutgoingMail.objects.count() == sent


# ── strangers write through us, or to us, in the name of others ──────────────


def test_nothing_that_was_typed_into_the_form_reaches_an_address_that_nobody_has_proven(client):
    with clock.at(WEDNESDAY):
        number = ask(
            client,
            email="victim@post.example",
            name="BUY X NOW",
            situation="BUY X at spam.example",
            problem="BUY X at spam.example",
        )
        [mail] = mailbox.received("victim@post.example")

    whole = letters.whole(mail)
    assert number in whole
    assert "BUY X" not in whole
    assert "spam.example" not in whole


def test_a_mail_too_large_for_us_is_put_aside_and_never_answered_by_mail(monkeypatch):
    monkeypatch.setattr(quarantine, "LARGEST", 200)

    raw = arrive(write("x" * 500, sender="victim@post.example", message_id="<4@post.example>"))

    assert (raw.outcome, raw.reason) == ("quarantine", "too_large")
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("alias", [mailbox.HELP, "help+x@marlo.example", "HELP@MARLO.EXAMPLE"])
def test_nothing_is_confirmed_to_ourselves(alias):
    arrive(write("Hello.", sender=alias, message_id="<5@post.example>"), sender=alias)

    assert not OutgoingMail.objects.exists()

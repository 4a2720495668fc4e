"""The carrier is asked what became of the parcel: they see what was chosen, and their answer comes home."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default

import pytest

from ahadi.channels import forwarding, holding, links, merging
from ahadi.channels.models import Forward, OutgoingMail
from ahadi.lib import clock
from ahadi.portal.tests.visits import WEDNESDAY
from ahadi.testing import letters, make
from ahadi.tickets.models import Attachment
from ahadi.tickets.said import File, Kind, Said
from tests.stories import mailbox

pytestmark = pytest.mark.django_db

CARRIER = "depot@carrier.example"


@pytest.fixture(autouse=True)
def company():
    make.company()
    make.inbox(mailbox.HELP)


@pytest.fixture
def mara():
    return make.agent("Mara Lind", email="mara@marlo.example")


@pytest.fixture
def ticket(mara):
    with clock.at(WEDNESDAY):
        found = make.ticket(text="My parcel M-20418 is lost.", subject="Lost parcel, so angry")
        found.note("She called twice.", by=mara)
        return found


def ask(ticket, mara, seqs=(1,)):
    with clock.at(WEDNESDAY):
        forwarding.forward(ticket, CARRIER, list(seqs), "Where is this parcel?", by=mara)
    kept = OutgoingMail.objects.latest("pk")
    return message_from_bytes(bytes(kept.raw), policy=default)


def answer(mail, text="It lies in Cluj.", sender=CARRIER):
    reply = EmailMessage(policy=SMTP)
    reply["From"], reply["To"], reply["Subject"] = sender, mail["Reply-To"], f"Re: {mail['Subject']}"
    reply["Message-ID"] = "<1@carrier.example>"
    reply.set_content(text)
    return mailbox.post(reply, sender, WEDNESDAY + timedelta(hours=1))


def test_the_question_shows_what_was_chosen_and_neither_code_nor_name_nor_note(ticket, mara):
    mail = ask(ticket, mara, seqs=[1, 2, 3])

    whole = letters.whole(mail)
    assert mail["To"] == CARRIER
    assert "Where is this parcel?" in mailbox.text_of(mail)
    assert "My parcel M-20418 is lost." in mailbox.text_of(mail)
    for secret in (
        ticket.number,
        ticket.number.replace("-", "").lower(),
        "Anna",
        "She called",
        "angry",
        "/r/",
    ):
        assert secret not in whole
    assert mail["Auto-Submitted"] is None


def test_the_answer_comes_home_as_a_note_that_the_customer_does_not_see(ticket, mara):
    entry = answer(ask(ticket, mara))

    assert (entry.ticket, entry.kind, entry.code) == (ticket, "note", "held")
    assert entry.words.data["held"] == "outside"
    assert "Cluj" not in str([said.words.text for said in links.seen_by(ticket, ticket.address)])
    with pytest.raises(holding.NotHeld):
        holding.release(ticket, entry.seq, by=mara)


def test_whoever_has_the_address_says_nothing_to_the_customer_not_even_an_agent(ticket, mara):
    mail = ask(ticket, mara)

    for sender in (mara.email, "thief@else.example", ticket.address.value):
        with clock.at(WEDNESDAY):
            ticket.refresh_from_db()
        before = ticket.entries.filter(kind__in=("message", "reply")).count()
        reply = EmailMessage(policy=SMTP)
        reply["From"], reply["To"], reply["Subject"] = sender, mail["Reply-To"], "Re"
        reply["Message-ID"] = f"<{sender}>"
        reply.set_content(f"Words of {sender}")
        entry = mailbox.post(reply, sender, WEDNESDAY + timedelta(hours=1))
        assert (entry.ticket, entry.kind) == (ticket, "note")
        assert ticket.entries.filter(kind__in=("message", "reply")).count() == before


def test_the_customer_and_ourselves_are_not_outside(ticket, mara):
    for address in (ticket.address.value, mara.email, mailbox.HELP):
        with pytest.raises(forwarding.NotPossible, match="inside"):
            forwarding.forward(ticket, address, [1], "Hello", by=mara)
    with pytest.raises(forwarding.NotPossible, match="address"):
        forwarding.forward(ticket, "nobody", [1], "Hello", by=mara)
    assert not Forward.objects.exists()


def test_an_answer_address_that_was_not_given_leads_nowhere(ticket, mara):
    mail = ask(ticket, mara)
    token = Forward.objects.get().token
    del mail["Reply-To"]
    mail["Reply-To"] = f"help+o{'a' * 16}@marlo.example"
    assert token not in mail["Reply-To"]

    entry = answer(mail)

    assert entry.ticket != ticket


def test_the_answer_to_a_merged_ticket_comes_to_the_living_one(ticket, mara):
    mail = ask(ticket, mara)
    with clock.at(WEDNESDAY):
        living = make.ticket(by=ticket.address)
        merging.merge(ticket, living, by=mara)

    assert answer(mail).ticket == living


def test_only_the_chosen_files_of_what_was_said_in_public_go_along(ticket, mara):
    with clock.at(WEDNESDAY):
        anna = ticket.requester
        ticket.receive(
            Said(
                kind=Kind.MESSAGE,
                text="Here is the label.",
                by=anna,
                files=[
                    File("label.pdf", "application/pdf", b"%PDF label"),
                    File("me.png", "image/png", b"me"),
                ],
            )
        )
        ticket.note("Ours.", by=mara, files=[File("inside.txt", "text/plain", b"inside")])
    label, other, inside = Attachment.objects.order_by("pk")
    with clock.at(WEDNESDAY):
        forwarding.forward(ticket, CARRIER, [1], "Whose label?", by=mara, files=[label.pk, inside.pk])

    mail = message_from_bytes(bytes(OutgoingMail.objects.latest("pk").raw), policy=default)

    assert [part.get_filename() for part in mail.iter_attachments()] == ["label.pdf"]
    assert next(mail.iter_attachments()).get_content() == b"%PDF label"
    assert ticket.entries.latest("seq").words.data["files"] == ["label.pdf"]
    assert list(forwarding.showable_files(ticket)) == [other, label]

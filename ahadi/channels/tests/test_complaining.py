"""The letter that confirms a formal complaint."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest

from ahadi.channels.models import OutgoingMail
from ahadi.complaints import handling, letters
from ahadi.complaints.handling import Handed
from ahadi.complaints.models import Complaint, Rules
from ahadi.complaints.profiles import Stage
from ahadi.lib import store
from ahadi.outbox import jobs
from ahadi.people.models import Team
from ahadi.testing import make, paper
from ahadi.testing.letters import whole

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _management():
    make.inbox()
    team = Team.objects.create(name="Management", is_private=True)
    Rules.objects.create(pk=1, team=team, profile="ro_og_27_2002")
    make.lead("Elena Pop", teams=[team])


def hand_in(address, **fields):
    given = {"text": "The line has been dead for six days.", "subject": "No line", **fields}
    complaint = handling.take_in(Handed(address=address, **given))
    jobs.run_due()
    return Complaint.objects.get(pk=complaint.pk)


def mails():
    return [
        message_from_bytes(bytes(mail.raw), policy=policy.default)
        for mail in OutgoingMail.objects.order_by("pk")
    ]


def papers_of(mail):
    return [file for file in mail.iter_attachments() if file.get_content_type() == "application/pdf"]


def test_one_letter_names_number_handler_time_and_brings_the_copy():
    complaint = hand_in(make.address("ioana@post.example", "Ioana Pop", "en"))

    (mail,) = mails()
    text = mail.get_body(("plain",)).get_content()
    assert complaint.number in text
    assert "Elena Pop" in text
    assert "National Authority for Consumer Protection" in text
    letter, copy = papers_of(mail)
    assert letter.get_filename() == f"{complaint.number.replace('/', '-')}-confirmation.pdf"
    assert "Elena Pop" in paper.read(letter.get_content())
    assert copy.get_filename() == f"{complaint.number.replace('/', '-')}.pdf"
    assert copy.get_content() == store.read(complaint.copy_sha256)
    assert complaint.deadlines.get(stage=Stage.ACKNOWLEDGEMENT).met is not None


def test_the_letter_leaves_once_however_often_its_job_runs():
    complaint = hand_in(make.address())

    from ahadi.channels import complaining

    complaining.acknowledge(complaint.pk)
    jobs.run_due()

    assert len(mails()) == 1


def test_nobody_writes_through_us_to_strangers():
    complaint = hand_in(make.address("victim@post.example", "Buy Pills", proven=False), text="Buy pills now")

    (mail,) = mails()
    assert "pills" not in whole(mail).lower()
    (letter,) = papers_of(mail)
    assert "pills" not in paper.read(letter.get_content())
    assert complaint.ticket.requester.name not in paper.read(letter.get_content())
    assert complaint.copy_sha256


def test_a_customer_without_mail_finds_it_on_the_page_and_the_time_is_kept():
    from ahadi.people import identify
    from ahadi.people.models import Address

    complaint = hand_in(identify.find_or_create(Address.Kind.PHONE, "+40 21 555 0100", "Ioana", "ro"))

    assert mails() == []
    assert complaint.deadlines.get(stage=Stage.ACKNOWLEDGEMENT).met is not None
    (letter,) = letters.sent(complaint)
    assert "Elena Pop" in paper.read(store.read(letter.sha256))


def test_the_letter_of_management_comes_with_its_mail():
    complaint = hand_in(make.address("ioana@post.example", "Ioana Pop", "en"))

    handling.hold(complaint, "The laboratory needs two more weeks.", by=complaint.handler)
    handling.decide(complaint, Complaint.Outcome.UPHELD, "You are right.", by=complaint.handler)
    jobs.run_due()

    _copy, held, decided = [one.get_content() for mail in mails() for one in papers_of(mail)][-3:]
    assert "The laboratory needs two more weeks." in paper.read(held)
    assert "You are right." in paper.read(decided)


def test_management_is_told_by_mail_when_a_last_moment_passed():
    from datetime import timedelta

    from ahadi.complaints import rounds
    from ahadi.lib import clock

    complaint = hand_in(make.address())
    with clock.at(clock.now() + timedelta(days=40)):
        rounds.attend()
        jobs.run_due()

    last = mails()[-1]
    assert complaint.number in last["Subject"]
    assert last["To"].addresses[0].addr_spec == complaint.handler.email

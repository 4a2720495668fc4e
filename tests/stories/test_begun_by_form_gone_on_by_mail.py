"""On every channel they ask for name, number and the whole story once more.

Here a request begun with the form goes on by mail and on its page, in one place, and nothing is told twice.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ahadi.lib import clock
from ahadi.portal.tests.visits import WEDNESDAY, ask
from ahadi.testing import make
from ahadi.tickets.models import Entry, Ticket
from tests.stories import mailbox

pytestmark = pytest.mark.django_db

ANNA = "anna@post.example"


@pytest.fixture(autouse=True)
def company():
    make.company()
    make.inbox(mailbox.HELP)


def test_begun_by_form_gone_on_by_mail_nothing_is_told_twice(client):
    photo = SimpleUploadedFile("label.png", b"\x89PNG", "image/png")
    number = ask(
        client,
        email=ANNA,
        name="Anna",
        problem="It stops after two seconds.",
        tried="Other socket.",
        files=[photo],
    )
    ticket = Ticket.objects.get(number=number)
    mara = make.agent("Mara Lind")

    with clock.at(WEDNESDAY + timedelta(minutes=30)):
        ticket.reply("Please send me the serial number.", by=mara, wait=True)
        question = mailbox.received(ANNA)[-1]
    mailbox.answer(question, "It is RND-2291.", ANNA, WEDNESDAY + timedelta(hours=1))
    with clock.at(WEDNESDAY + timedelta(hours=1, minutes=5)):
        link = mailbox.link_in(question)
        client.post(link)
        page = client.get(f"/r/{number}/").content.decode()

    ticket.refresh_from_db()
    talk = [entry for entry in ticket.entries.all() if entry.is_public and not entry.automatic]
    assert [(entry.kind, entry.channel) for entry in talk] == [
        ("message", "form"),
        ("reply", "email"),
        ("message", "email"),
    ]
    assert ticket.status == "open"
    assert ticket.statement.tried == "Other socket."
    for words in (
        "It stops after two seconds.",
        "Please send me the serial number.",
        "It is RND-2291.",
        "label.png",
    ):
        assert page.count(words) >= 1
    assert "On Wednesday we wrote" not in page
    assert page.count("Please send me the serial number.") == 1


def test_the_confirmation_asks_for_nothing_and_names_code_and_time(client):
    number = ask(client, email=ANNA)

    with clock.at(WEDNESDAY):
        mails = mailbox.received(ANNA)

    assert len(mails) == 1
    assert number in mailbox.text_of(mails[0])
    assert "2 December, 12:00" in mailbox.text_of(mails[0])
    assert Entry.objects.filter(ticket__number=number, automatic=True).count() == 1

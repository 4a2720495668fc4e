"""The courier lost a parcel; the customer wrote again and again, told it all anew, and then came silence.

Here form, mail and form again are one request of one person, and every silence has an end that was told.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from ahadi.lib import clock
from ahadi.portal.tests.visits import WEDNESDAY, ask, write
from ahadi.promises.models import Promise
from ahadi.testing import make
from ahadi.tickets.models import Entry, Ticket
from tests.stories import mailbox

pytestmark = pytest.mark.django_db

ANNA = "anna@post.example"
FRIDAY = WEDNESDAY + timedelta(days=2, hours=1)


@pytest.fixture(autouse=True)
def company():
    make.company()
    make.inbox(mailbox.HELP)


@pytest.fixture
def number(client):
    return ask(
        client,
        email=ANNA,
        name="Anna Kern",
        situation="Parcel M-20418, sent on Monday.",
        problem="The courier says it was delivered. It was not.",
        wish="The parcel, or my money.",
    )


def test_form_then_mail_then_form_again_is_one_request_of_one_person(client, number):
    with clock.at(WEDNESDAY):
        confirmation = mailbox.received(ANNA)[0]

    by_mail = mailbox.answer(
        confirmation, "The neighbours have not seen it either.", ANNA, WEDNESDAY + timedelta(minutes=10)
    )
    again = ask(
        client,
        at=WEDNESDAY + timedelta(minutes=25),
        about=number,
        problem="The courier called: it is lost.",
        email="",
    )

    ticket = Ticket.objects.get()
    said = ticket.entries.filter(kind=Entry.Kind.MESSAGE)
    assert by_mail.ticket == ticket
    assert again == number
    assert [entry.channel for entry in said] == ["form", "email", "form"]
    assert {entry.customer for entry in said} == {ticket.requester}
    assert said.last().words.text == "The courier called: it is lost."


def test_written_anew_from_another_device_it_is_still_the_same_person(client, number):
    ask(Client(), at=WEDNESDAY + timedelta(days=1), email=" Anna@Post.Example", problem="Where is my parcel?")

    first, second = Ticket.objects.order_by("pk")
    assert first.requester == second.requester
    assert first.requester.name == "Anna Kern"


def test_the_next_news_is_promised_and_kept_until_the_parcel_is_there(client, number):
    mara = make.agent("Mara Lind")
    ticket = Ticket.objects.get(number=number)

    with clock.at(WEDNESDAY + timedelta(hours=1)):
        ticket.reply("I am asking the courier.", by=mara, step="The courier answers me.", due=FRIDAY)
        news = mailbox.received(ANNA)[-1]
        page = client.get(mailbox.link_in(news))
        client.post(mailbox.link_in(news))
        shown = client.get(f"/r/{number}/").content.decode()
    with clock.at(FRIDAY - timedelta(minutes=30)):
        ticket.refresh_from_db()
        ticket.reply("It is lost. A new one left today.", by=mara, solve=True)

    assert page.status_code == 200
    assert "You hear from Mara by" in shown
    assert "4 December, 11:00" in shown
    assert "4 December, 11:00" in mailbox.text_of(news)
    promises = Promise.objects.filter(ticket=ticket).order_by("pk")
    assert [promise.due for promise in promises] == [WEDNESDAY + timedelta(hours=2), FRIDAY]
    assert all(promise.kept and not promise.is_late for promise in promises)


def test_the_same_message_on_the_page_and_by_mail_starts_no_second_clock(client, number):
    ticket = Ticket.objects.get(number=number)
    due = ticket.due

    write(client, number, "Is there news?", WEDNESDAY + timedelta(minutes=30))
    with clock.at(WEDNESDAY + timedelta(minutes=31)):
        confirmation = mailbox.received(ANNA)[0]
    mailbox.answer(confirmation, "Is there news?", ANNA, WEDNESDAY + timedelta(minutes=40))

    ticket.refresh_from_db()
    assert ticket.due == due
    assert Promise.objects.filter(ticket=ticket).open().count() == 1

"""One shop did not answer for three months, and then the ticket itself had been deleted.

Here a request cannot be deleted, its silence shows as a broken promise, and the customer still has it.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError

from ahadi.lib import clock
from ahadi.portal.tests.visits import WEDNESDAY, ask
from ahadi.promises.models import Promise
from ahadi.testing import make
from ahadi.tickets.models import Entry, Ticket
from tests.stories import mailbox

pytestmark = pytest.mark.django_db

ANNA = "anna@post.example"
IN_MARCH = WEDNESDAY + timedelta(days=92)


@pytest.fixture(autouse=True)
def company():
    make.company()
    make.inbox(mailbox.HELP)


@pytest.fixture
def number(client):
    return ask(client, email=ANNA, problem="It stops after two seconds.")


def test_after_three_months_the_request_is_still_there_and_says_that_we_are_late(client, number):
    with clock.at(WEDNESDAY):
        confirmation = mailbox.received(ANNA)[0]

    with clock.at(IN_MARCH):
        plain = client.get(f"/r/{number}/").content.decode()
        expired = client.get(mailbox.link_in(confirmation))
        code_page = client.post(f"/r/{number}/codes/", {"email": ANNA})
        digits = re.search(r"\b\d{8}\b", mailbox.text_of(mailbox.received(ANNA)[-1]))[0]
        client.post(code_page["Location"], {"code": digits})
        shown = client.get(f"/r/{number}/").content.decode()

    assert "promise--broken" in plain
    assert "It stops" not in plain
    assert expired.status_code == 404
    assert "It stops after two seconds." in shown
    assert "we are sorry" in shown


def test_nobody_can_delete_it_not_even_in_the_database(number):
    ticket = Ticket.objects.get(number=number)

    with pytest.raises(ProtectedError):
        ticket.delete()
    for table in ("tickets_entry", "tickets_words"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")

    assert Entry.objects.filter(ticket=ticket, kind="message").count() == 1


def test_the_silence_is_a_broken_promise_and_stays_one_after_the_answer(number):
    ticket = Ticket.objects.get(number=number)

    with clock.at(IN_MARCH):
        late = Promise.objects.broken().filter(ticket=ticket).count()
        ticket.reply("We are sorry.", by=make.agent())

    assert late == 1
    assert Promise.objects.filter(ticket=ticket).earliest("pk").is_late


def test_the_customer_can_ask_again_in_the_old_request(client, number):
    with clock.at(WEDNESDAY):
        confirmation = mailbox.received(ANNA)[0]

    entry = mailbox.answer(confirmation, "Is anybody there?", ANNA, IN_MARCH)

    assert entry.ticket.number == number

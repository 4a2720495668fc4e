"""How the mail of an answer stands, told on the answer itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ahadi.channels.models import Delivery
from ahadi.desk.tests.test_ticket import place
from ahadi.lib import clock
from ahadi.outbox.models import Job
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def delivery(agent):
    ticket = make.ticket(data={"no_acknowledgement": True})
    return Delivery.objects.get(entry=ticket.reply("We found it.", by=agent))


def shown(desk, delivery) -> str:
    return desk.get(place(delivery.entry.ticket)).content.decode()


def test_a_mail_on_its_way_says_so_and_nothing_more(desk, delivery):
    delivery.wait("451 4.3.0 Greylisted, try again")

    page = shown(desk, delivery)

    assert "On its way" in page
    assert "Greylisted" not in page


def test_after_an_hour_of_failure_its_writer_is_told(desk, delivery):
    delivery.wait("451 4.3.0 Greylisted, try again")

    with clock.at(clock.now() + timedelta(hours=1, seconds=1)):
        page = shown(desk, delivery)

    assert "Not sent yet, for more than an hour" in page
    assert "asks to come again later" in page
    assert "Greylisted" in page


def test_a_refusal_is_told_at_once_in_plain_words(desk, delivery):
    delivery.fail("550 5.1.1 User unknown")

    page = shown(desk, delivery)

    assert "There is no such mailbox at the other side." in page
    assert "550 5.1.1 User unknown" in page
    assert "Send again" in page
    assert "It arrived" not in page


def test_a_sent_mail_says_when(desk, delivery):
    delivery.begin()
    delivery.arrive()

    assert f"Sent {clock.now():%H:%M}" in shown(desk, delivery)


def test_a_doubt_is_settled_by_a_person(desk, delivery):
    delivery.begin()
    delivery.doubt("SMTPServerDisconnected: Connection unexpectedly closed")
    before = shown(desk, delivery)

    answer = desk.post(place(delivery.entry.ticket, f"deliveries/{delivery.pk}/confirmation/"))

    delivery.refresh_from_db()
    assert "Perhaps delivered" in before
    assert "may have arrived or not" in before
    assert "It arrived" in before
    assert "Send again" in before
    assert answer.status_code == 302
    assert (delivery.state, delivery.last_error) == ("sent", "")
    assert "Arrived, as a colleague confirmed" in shown(desk, delivery)


def test_only_a_doubt_can_be_confirmed(desk, delivery):
    delivery.fail("550 5.1.1 User unknown")

    desk.post(place(delivery.entry.ticket, f"deliveries/{delivery.pk}/confirmation/"))

    delivery.refresh_from_db()
    assert delivery.state == "failed"


def test_a_doubtful_mail_sent_again_is_sent_once_for_two_presses(desk, delivery):
    Job.objects.all().delete()
    delivery.begin()
    delivery.doubt("broken")

    for _press in range(2):
        desk.post(place(delivery.entry.ticket, f"deliveries/{delivery.pk}/retry/"))

    assert Job.objects.filter(name="channels.send").count() == 1


def test_nobody_confirms_what_they_may_not_see(client, delivery):
    delivery.begin()
    delivery.doubt("broken")
    client.force_login(make.agent("Ben Otieno", teams=[make.team("Workshop")]))

    path = place(delivery.entry.ticket, f"deliveries/{delivery.pk}/confirmation/")

    assert client.post(path).status_code == 404
    delivery.refresh_from_db()
    assert delivery.state == "unknown"

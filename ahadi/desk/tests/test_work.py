"""What waits for somebody to look: mails put aside, and work that fails."""

from __future__ import annotations

import pytest
from django.urls import reverse

from ahadi.channels import intake
from ahadi.channels.models import Delivery, RawMessage
from ahadi.outbox import jobs
from ahadi.outbox.models import Job
from ahadi.testing import make
from ahadi.tickets.models import Ticket

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def put_aside(subject="Win a prize", text="<script>alert(1)</script> Click here."):
    """A mail that its mail server marked as spam."""
    raw = (
        f"From: Promo <win@prizes.example>\r\nTo: help@marlo.example\r\nSubject: {subject}\r\n"
        f"Message-ID: <{subject.replace(' ', '.')}@prizes.example>\r\nX-Spam-Flag: YES\r\n\r\n{text}\r\n"
    )
    message = intake.accept(raw.encode(), "win@prizes.example", ["help@marlo.example"])
    jobs.run_due()
    message.refresh_from_db()
    return message


@pytest.fixture
def lead(client):
    """A team lead who is signed in."""
    make.company()
    make.inbox()
    agent = make.lead()
    client.force_login(agent, backend=BACKEND)
    return agent


def test_what_was_put_aside_is_listed_with_its_reason(client, lead):
    put_aside()

    page = client.get(reverse("desk:quarantine")).content.decode()

    assert "Win a prize" in page
    assert "win@prizes.example" in page
    assert "Marked as spam" in page


def test_a_mail_that_was_put_aside_can_be_looked_at_without_harm(client, lead):
    raw = put_aside()

    page = client.get(reverse("desk:quarantined", args=[raw.pk])).content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt; Click here." in page
    assert "<script>alert(1)" not in page
    assert reverse("channels:raw", args=[raw.pk]) in page


def test_letting_it_go_makes_a_ticket_of_it_once(client, lead):
    raw = put_aside()
    path = reverse("desk:release", args=[raw.pk])

    looked = client.get(path)
    first, second = client.post(path), client.post(path)

    raw.refresh_from_db()
    ticket = Ticket.objects.get()
    assert looked.status_code == 405
    assert raw.outcome == RawMessage.Outcome.TICKET
    assert first["Location"] == second["Location"] == reverse("desk:ticket", args=["open", ticket.number])
    assert client.get(reverse("desk:quarantined", args=[raw.pk])).status_code == 404


def test_a_long_quarantine_has_pages_and_asks_the_database_no_more(
    client, lead, django_assert_max_num_queries
):
    for number in range(51):
        put_aside(f"Prize {number}")

    with django_assert_max_num_queries(10):
        first = client.get(reverse("desk:quarantine")).content.decode()
    second = client.get(reverse("desk:quarantine") + "?page=2").content.decode()

    assert "Prize 50" in first
    assert ">Prize 0<" not in first
    assert ">Prize 0<" in second


def test_agents_do_not_see_the_quarantine(client):
    make.company()
    raw = put_aside()
    client.force_login(make.agent(), backend=BACKEND)

    assert client.get(reverse("desk:quarantine")).status_code == 403
    assert client.get(reverse("desk:quarantined", args=[raw.pk])).status_code == 403
    assert client.post(reverse("desk:release", args=[raw.pk])).status_code == 403
    raw.refresh_from_db()
    assert raw.outcome == RawMessage.Outcome.QUARANTINE


def test_nobody_sees_it_without_signing_in(client):
    raw = put_aside()

    assert client.get(reverse("desk:quarantine")).status_code == 302
    assert client.post(reverse("desk:release", args=[raw.pk])).status_code == 302
    assert not Ticket.objects.exists()


def failing(**fields):
    values = {"name": "channels.post", "payload": {"mail_id": 1}, "state": "failed", "attempts": 28}
    return Job.objects.create(**{**values, "last_error": "ConnectionRefusedError: <nobody there>", **fields})


def test_an_empty_outbox_says_that_nothing_fails(client, admin):
    page = client.get(reverse("desk:outbox")).content.decode()

    assert "Nothing fails" in page
    assert "Everything arrived" in page


def test_work_that_fails_shows_its_last_error(client, admin):
    failing()

    page = client.get(reverse("desk:outbox")).content.decode()

    assert "Send a mail about signing in" in page
    assert "ConnectionRefusedError: &lt;nobody there&gt;" in page
    assert "given up" in page


def test_work_that_was_given_up_is_tried_again(client, admin):
    job = failing()
    path = reverse("desk:outbox_try", args=[job.pk])

    looked, pressed = client.get(path), client.post(path)

    job.refresh_from_db()
    assert looked.status_code == 405
    assert pressed.status_code == 302
    assert (job.state, job.attempts) == (Job.State.WAITING, 0)


def test_work_that_is_done_meanwhile_is_not_there_any_more(client, admin):
    assert client.post(reverse("desk:outbox_try", args=[4711])).status_code == 404


def test_an_answer_that_did_not_arrive_names_its_ticket(client, admin):
    ticket = make.ticket(text="Hello")
    ticket.reply("An answer.", by=admin)
    Delivery.objects.filter(automatic=False).update(state="failed", last_error="550 User unknown")

    page = client.get(reverse("desk:outbox")).content.decode()

    assert ticket.number in page
    assert "550 User unknown" in page


@pytest.mark.parametrize("role", ["agent", "lead"])
def test_the_outbox_is_for_administrators(client, role):
    make.company()
    job = failing()
    client.force_login(make.agent(role=role), backend=BACKEND)

    assert client.get(reverse("desk:outbox")).status_code == 403
    assert client.post(reverse("desk:outbox_try", args=[job.pk])).status_code == 403
    job.refresh_from_db()
    assert job.state == Job.State.FAILED


def test_a_full_outbox_asks_the_database_no_more(client, admin, django_assert_max_num_queries):
    for number in range(20):
        failing(order_by=f"key {number}")
        make.ticket()
    Delivery.objects.update(state="failed")

    with django_assert_max_num_queries(12):
        client.get(reverse("desk:outbox"))

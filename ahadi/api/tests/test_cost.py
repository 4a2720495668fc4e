"""What writing costs: statements for each ticket, answer and mail, which grow with care only."""

from __future__ import annotations

import pytest
from django.db import connection

from ahadi.channels import intake, restraint
from ahadi.channels.models import Delivery
from ahadi.outbox import jobs
from ahadi.testing import make
from ahadi.tickets.models import Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

MAIL = (
    b"From: Anna <anna%d@post.example>\r\nTo: help@marlo.example\r\nSubject: The grinder stops\r\n"
    b"Message-ID: <%d@post.example>\r\n\r\nIt runs for two seconds and then stops.\r\n"
)


@pytest.fixture(autouse=True)
def company(monkeypatch):
    # At every sixteenth ticket strangers are counted, and nobody knows which one this is; see below.
    monkeypatch.setattr(restraint, "COUNTED_EACH", 1_000_000_000)
    make.company()
    make.inbox("help@marlo.example", team=make.team())


def accept(number: int) -> None:
    intake.accept(MAIL % (number, number), f"anna{number}@post.example", ["help@marlo.example"])


def _most(**statements: int) -> int:
    return statements[connection.vendor]


def wish(number: int) -> dict:
    requester = {"email": f"new{number}@post.example", "name": "Ruth Ellis", "language": "en"}
    return {"requester": requester, "subject": "The grinder stops", "body": "It stops after two seconds."}


def test_a_ticket_with_its_acknowledgement_costs_few_statements(program, django_assert_max_num_queries):
    program.post("tickets", wish(1), {"Idempotency-Key": "one"})

    with django_assert_max_num_queries(_most(sqlite=30, postgresql=22)):
        answer = program.post("tickets", wish(2), {"Idempotency-Key": "two"})

    assert answer.status == 201
    assert Delivery.objects.count() == 2


def test_a_ticket_at_which_strangers_are_counted_costs_two_more(
    program, django_assert_max_num_queries, monkeypatch
):
    monkeypatch.setattr(restraint, "COUNTED_EACH", 1)
    program.post("tickets", wish(1), {"Idempotency-Key": "one"})

    with django_assert_max_num_queries(_most(sqlite=32, postgresql=24)):
        program.post("tickets", wish(2), {"Idempotency-Key": "two"})


def test_an_answer_costs_few_statements(program, django_assert_max_num_queries):
    ticket = make.ticket()
    program.post(f"tickets/{ticket.number}/replies", {"body": "One."}, {"Idempotency-Key": "one"})

    with django_assert_max_num_queries(_most(sqlite=24, postgresql=20)):
        answer = program.post(
            f"tickets/{ticket.number}/replies", {"body": "Two."}, {"Idempotency-Key": "two"}
        )

    assert answer.status == 201


def test_a_mail_accepted_costs_few_statements(django_assert_max_num_queries):
    accept(1)

    with django_assert_max_num_queries(5):
        accept(2)


def test_mails_taken_in_answered_with_a_receipt_and_kept_cost_few_statements(django_assert_max_num_queries):
    for number in range(16):
        accept(number)

    # What all of them share is read once.
    with django_assert_max_num_queries(_most(sqlite=16 * 37 + 3, postgresql=16 * 27 + 11)):
        ran = jobs.run_due()

    assert ran == 32
    assert Ticket.objects.count() == 16
    assert Delivery.objects.filter(state=Delivery.State.KEPT).count() == 16

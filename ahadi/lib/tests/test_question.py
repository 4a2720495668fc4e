from __future__ import annotations

import pytest

from ahadi.lib.question import Question
from ahadi.people.models import Address
from ahadi.testing import make
from ahadi.tickets.models import Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def test_a_question_is_answered_for_each_value():
    first, second = make.ticket(subject="One"), make.ticket(subject="Two")
    subject_of = Question(
        lambda number: Ticket.objects.filter(number=number).values_list("subject", "opened")
    )

    assert subject_of.rows(first.number) == [("One", first.opened)]
    assert subject_of.rows(second.number) == [("Two", second.opened)]
    assert subject_of.rows("' OR 1=1 --") == []


def test_a_question_brings_objects_with_what_they_name(django_assert_num_queries):
    ticket = make.ticket()
    find = Question(
        lambda pk: Ticket.objects.filter(pk=pk).select_related("requester__organization", "assignee")
    )

    with django_assert_num_queries(1):
        (found,) = find.objects(ticket.pk)

        assert found == ticket
        assert found.requester == ticket.requester
        assert found.assignee is None


def test_a_question_is_put_into_sql_only_once():
    asked = []

    def build(kind: str, pk: int):
        asked.append(pk)
        return Address.objects.filter(kind=kind, customer=pk).values_list("shown")

    question = Question(build)
    question.rows("email", 1)
    question.rows("phone", 2)

    assert len(asked) == 1

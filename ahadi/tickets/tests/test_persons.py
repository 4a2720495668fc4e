"""Who is seen as whom: the histories say it, and the audit finds every row that says something else."""

from __future__ import annotations

import pytest

from ahadi.people.models import Customer
from ahadi.testing import make
from ahadi.tickets import persons
from ahadi.tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def one() -> Ticket:
    """A ticket of somebody who was known three times, and is known twice now."""
    ticket, by = make.ticket(), make.agent()
    others = [make.customer(f"Anna {at}") for at in (1, 2)]
    for other in others:
        persons.merge(ticket, other, by=by)
    persons.unmerge(ticket, others[1], by=by)
    return ticket


def rows(**fields: int | None) -> int:
    return Customer.objects.exclude(merged_into=None).update(**fields)


def faults() -> int:
    return len(list(persons.audit()))


def test_what_the_histories_say_has_no_fault(one: Ticket):
    assert not faults()


def test_a_link_that_was_cut_past_the_history_is_found(one: Ticket):
    rows(merged_into=None, person=None)
    Customer.objects.update(person=None)

    assert faults() == 1


def test_a_link_that_was_made_past_the_history_is_found(one: Ticket):
    alone = make.customer("Somebody else")
    Customer.objects.filter(pk=alone.pk).update(merged_into=one.requester, person=one.requester)

    assert faults() == 1


def test_a_record_that_stands_for_the_wrong_person_is_found(one: Ticket):
    rows(person=make.customer("Somebody else").pk)

    assert faults()


def test_a_chain_without_an_end_is_found(one: Ticket):
    key = Customer.objects.exclude(merged_into=None).get().pk
    rows(merged_into=key)

    assert faults()

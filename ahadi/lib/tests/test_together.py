"""Rows that wait for each other, and never past whoever asks for them."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from ahadi.lib import together
from ahadi.lib.statement import insert, update
from ahadi.outbox.models import Job
from ahadi.people.models import Customer
from ahadi.testing import make

pytestmark = pytest.mark.django_db


def test_rows_of_one_kind_are_one_statement_with_the_keys_they_would_have_had(django_assert_num_queries):
    first = insert(Job(name="a", payload={}))
    # One for the key that comes next, one for all rows.
    with django_assert_num_queries(2), together.written(5):
        jobs = [insert(Job(name=f"b{number}", payload={"n": number})) for number in range(5)]
    assert [job.pk for job in jobs] == [first.pk + 1 + number for number in range(5)]
    assert [job.payload["n"] for job in Job.objects.filter(name__startswith="b").order_by("pk")] == [
        *range(5)
    ]
    # Whoever comes after takes the next key.
    assert insert(Job(name="c", payload={})).pk == jobs[-1].pk + 1


def test_whoever_asks_about_them_finds_what_waits_and_others_do_not_let_it_go():
    with together.written(2) as lot:
        job = insert(Job(name="waits", payload={}))
        Customer.objects.count()
        assert lot._lots
        assert Job.objects.get(pk=job.pk).name == "waits"
        assert not lot._lots
        # A row that came by another way may take the key that would have come next.
        Job.objects.create(name="other", payload={})
        more = [insert(Job(name=f"more {number}", payload={})) for number in range(5)]
    assert len({each.pk for each in more}) == 5
    assert Job.objects.count() == 7


def test_each_change_keeps_the_order_of_its_statements():
    one, two = make.customer("One"), make.customer("Two")
    with together.written(2) as lot:
        one.name = "First"
        update(one, "name")
        one.name, one.language = "Second", "fa"
        update(one, "name", "language")
        lot.begin()
        two.name, two.language = "First", "fa"
        update(two, "name", "language")
        two.name = "Second"
        update(two, "name")
    assert set(Customer.objects.values_list("name", "language")) == {("Second", "fa")}


def test_a_row_that_is_not_there_takes_all_of_it_back():
    customer = make.customer("One")
    gone = Customer(pk=999_999, name="Gone", language="en")

    def change() -> None:
        with transaction.atomic(), together.written(2):
            customer.name = "Changed"
            update(customer, "name")
            update(gone, "name")

    with pytest.raises(DatabaseError, match="not there"):
        change()
    customer.refresh_from_db()
    assert customer.name == "One"


def test_when_something_is_raised_nothing_that_waits_is_written():
    def change() -> None:
        with together.written(2):
            insert(Job(name="never", payload={}))
            raise ValueError("Broken")

    with pytest.raises(ValueError, match="Broken"):
        change()
    assert together.waiting() is None
    assert not Job.objects.filter(name="never").exists()

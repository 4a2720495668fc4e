"""Rows that wait for each other, and never past whoever asks for them."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from ahadi.lib import together
from ahadi.lib.question import Question
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


def test_what_is_changed_before_it_was_written_is_written_once(django_assert_num_queries):
    insert(Job(name="first", payload={}))
    # One for the key that comes next, one for the row.
    with django_assert_num_queries(2), together.written(1):
        job = insert(Job(name="new", payload={}))
        job.payload, job.attempts = {"n": 2}, 3
        update(job, "payload", "attempts")
    written = Job.objects.get(pk=job.pk)
    assert (written.name, written.payload, written.attempts) == ("new", {"n": 2}, 3)


def test_what_is_changed_after_it_was_written_is_written_again():
    with together.written(1) as lot:
        job = insert(Job(name="new", payload={}))
        lot.let_go()
        job.name = "changed"
        update(job, "name")
    assert Job.objects.get(pk=job.pk).name == "changed"


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


def test_rows_of_other_tables_do_not_part_those_of_one(django_assert_num_queries):
    insert(Job(name="first", payload={}))
    make.customer("First")
    # For the keys that come next, and one for all rows of each table.
    asked = 2 if connection.vendor == "postgresql" else 1
    with django_assert_num_queries(asked + 2), together.written(6) as lot:
        for number in range(3):
            lot.begin()
            insert(Job(name=f"before {number}", payload={}))
            insert(Customer(name=f"Between {number}", language="en"))
            insert(Job(name=f"after {number}", payload={}))
    told = [name.split() for name in Job.objects.order_by("pk").values_list("name", flat=True)]
    assert told == [["first"], *([when, str(number)] for number in range(3) for when in ("before", "after"))]


def test_keys_of_what_is_sure_to_be_written_are_taken_at_once(django_assert_num_queries):
    insert(Job(name="first", payload={}))
    make.customer("First")
    tables = [Customer._meta.db_table, Job._meta.db_table, Job._meta.db_table]
    with django_assert_num_queries(1 + 2), together.written(3, tables) as lot:
        jobs = []
        for number in range(3):
            lot.begin()
            insert(Customer(name=f"New {number}", language="en"))
            jobs += [insert(Job(name=f"{number}{part}", payload={})) for part in "ab"]
    assert [job.name for job in sorted(jobs, key=lambda job: job.pk)] == ["0a", "0b", "1a", "1b", "2a", "2b"]
    assert Job.objects.count() == 7


def test_a_question_about_rows_of_one_change_lets_those_of_others_wait():
    named = Question(lambda name: Job.objects.filter(name=name).values_list("pk"), own=(Job._meta.db_table,))
    with together.written(2) as lot:
        one = insert(Job(name="one", payload={}))
        lot.begin()
        # That of another change is not asked about, so nobody misses it.
        assert named.rows("two") == []
        assert lot._lots
        two = insert(Job(name="two", payload={}))
        assert named.rows("two") == [(two.pk,)]
        assert not lot._lots
        assert named.rows("one") == [(one.pk,)]

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from ahadi.ledger.models import Leaf, Opening
from ahadi.lib.statement import (
    Also,
    Change,
    insert,
    insert_all,
    insert_all_new,
    insert_new,
    remove,
    update,
    write_together,
)
from ahadi.outbox.models import Job
from ahadi.people.models import Address, Customer
from ahadi.testing import make
from ahadi.tickets.models import Ticket

pytestmark = pytest.mark.django_db

HOSTILE = {"text": "آسیاب", "number": 7, "list": ["a", None, True], "quote": "'; -- %s"}


def test_an_added_row_is_the_row_that_the_orm_would_have_added(frozen, django_assert_num_queries):
    customer = make.customer()
    row = Address(customer=customer, kind=Address.Kind.EMAIL, value="new@post.example", shown="New")

    with django_assert_num_queries(1):
        added = insert(row)

    found = Address.objects.get(value="new@post.example")
    assert added is row
    assert (found.pk, found.kind, found.added, found.proven) == (row.pk, "email", frozen, None)
    assert found.customer == customer
    row.save()
    assert Address.objects.filter(value="new@post.example").count() == 1


def test_every_kind_of_value_comes_back_as_it_was(frozen):
    job = insert(Job(name="'%s", payload=HOSTILE, attempts=2))
    ticket = make.ticket()

    job.payload = {"more": HOSTILE}
    job.next_try = frozen + timedelta(days=1)
    update(job, "payload", "next_try")
    ticket.last_leaf, ticket.priority, ticket.assignee = b"\x00\xff'", Ticket.Priority.HIGH, make.agent()
    update(ticket, "last_leaf", "priority", "assignee")

    found = Job.objects.get(pk=job.pk)
    assert (found.name, found.payload, found.attempts) == ("'%s", {"more": HOSTILE}, 2)
    assert found.next_try == frozen + timedelta(days=1)
    changed = Ticket.objects.get(pk=ticket.pk)
    assert (bytes(changed.last_leaf), changed.priority) == (b"\x00\xff'", 3)
    assert changed.assignee == ticket.assignee


def test_a_row_that_went_away_is_not_changed_in_silence():
    job = insert(Job(name="gone"))
    Job.objects.all().delete()

    with pytest.raises(DatabaseError, match="Job"):
        update(job, "attempts")


def test_a_row_that_is_there_already_is_left_as_it_is(django_assert_num_queries):
    known = make.address("known@post.example")
    again = Address(customer=make.customer(), kind=known.kind, value=known.value, shown="again")
    other = Address(customer=known.customer, kind=known.kind, value="other@post.example", shown="other")

    with django_assert_num_queries(2):
        assert not insert_new(again)
        assert insert_new(other)

    assert (again.pk, Address.objects.get(value=known.value).shown) == (None, known.shown)
    assert Address.objects.get(value="other@post.example").pk == other.pk


def test_several_rows_are_added_in_their_order_and_those_that_are_there_are_told(django_assert_num_queries):
    known, customer = make.address("known@post.example"), make.customer()
    rows = [
        Address(customer=customer, kind=known.kind, value=f"{name}@post.example", shown=name)
        for name in ("one", "known", "two", "one")
    ]

    with django_assert_num_queries(2):
        added = insert_all_new(rows, told_by="value")
        insert_all([Job(name=name) for name in ("first", "second", "third")])

    assert added == [rows[0], rows[2]]
    assert [row.pk for row in rows if row not in added] == [None, None]
    assert [Address.objects.get(value=row.value).pk for row in added] == [row.pk for row in added]
    assert list(Job.objects.order_by("pk").values_list("name", flat=True)) == ["first", "second", "third"]


def test_a_removed_row_is_gone_and_may_be_removed_again():
    job, other = insert(Job(name="one")), insert(Job(name="two"))

    remove(job)
    remove(job)

    assert list(Job.objects.all()) == [other]


def test_rows_that_name_each_other_are_added_as_the_orm_would_have_added_them(frozen):
    known = make.address("known@post.example")
    leaf = Leaf(hash=b"\x01" * 32)
    opening = Opening(leaf=leaf, salt=b"\x02" * 32, event=b"{}")
    person = Customer(name="Ruth", language="en")
    address = Address(customer=person, kind="email", value="ruth@post.example", shown="Ruth")
    other = Address(customer=known.customer, kind="email", value="other@post.example", shown="Other")

    write_together(leaf, opening, person, address, other)

    assert bytes(Opening.objects.get(leaf=leaf).salt) == b"\x02" * 32
    assert Address.objects.get(value="ruth@post.example").customer == person
    assert (address.customer_id, opening.pk, other.customer) == (person.pk, leaf.pk, known.customer)
    address.shown = "Ruth Ellis"
    address.save()
    assert Address.objects.get(pk=address.pk).shown == "Ruth Ellis"


def test_rows_that_name_each_other_are_one_statement_on_postgresql(django_assert_num_queries):
    person = Customer(name="Ruth")
    address = Address(customer=person, kind="email", value="ruth@post.example", shown="Ruth")

    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 2):
        write_together(person, address)
        assert address.customer is person


def test_of_rows_that_name_each_other_all_are_added_or_none():
    known = make.address("known@post.example")
    person = Customer(name="Ruth")
    again = Address(customer=person, kind=known.kind, value=known.value, shown="again")

    with pytest.raises(IntegrityError), transaction.atomic():
        write_together(person, again)

    assert not Customer.objects.filter(name="Ruth").exists()


def test_a_change_and_a_row_without_a_model_are_written_with_the_rows_they_belong_to(
    django_assert_num_queries,
):
    known, person = make.address("known@post.example"), Customer(name="Ruth")
    address = Address(customer=person, kind="email", value="ruth@post.example", shown="Ruth")
    known.shown = "Somebody known"
    beside = Also(
        "people_address",
        "INSERT INTO people_address (customer_id, kind, value, shown, added)"
        " SELECT {}, kind, 'the ' || value, 'Also', added FROM people_address WHERE id = {} AND kind = %s",
        (person, known),
        ("email",),
    )

    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 4):
        write_together(Change(known, ("shown",)), person, address, beside)

    assert Address.objects.get(pk=known.pk).shown == "Somebody known"
    assert Address.objects.filter(customer=person).count() == 2


def test_with_a_row_that_went_away_nothing_is_written():
    gone, person = insert(Job(name="gone")), Customer(name="Ruth")
    Job.objects.all().delete()

    with pytest.raises(DatabaseError), transaction.atomic():
        write_together(Change(gone, ("attempts",)), person)

    assert not Customer.objects.filter(name="Ruth").exists()


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 12, 2, 11, 0, tzinfo=UTC),
        datetime(2026, 12, 2, 11, 0, 5, 123456, tzinfo=UTC),
        datetime(2026, 12, 2, 11, 0, tzinfo=ZoneInfo("Asia/Tehran")),
        datetime(1, 1, 1, tzinfo=UTC),
        None,
    ],
)
def test_a_moment_is_kept_as_the_orm_would_have_kept_it(moment):
    customer = make.customer()
    by_orm = Address.objects.create(customer=customer, value="a@post.example", proven=moment)
    by_hand = insert(Address(customer=customer, value="b@post.example", proven=moment))

    found = dict(Address.objects.filter(customer=customer).values_list("pk", "proven"))
    assert found[by_orm.pk] == found[by_hand.pk] == moment
    assert moment is None or found[by_hand.pk].utcoffset() == timedelta(0)
    assert moment is None or Address.objects.filter(proven=moment, customer=customer).count() == 2

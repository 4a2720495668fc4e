from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from ahadi.people import identify
from ahadi.people.models import Company, Customer
from ahadi.testing import make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("email", "Anna.Kern@Post.Example", "anna.kern@post.example"),
        ("email", " anna@post.example ", "anna@post.example"),
        ("email", "anna@BÜCHER.example", "anna@xn--bcher-kva.example"),
        ("email", "anna@مثال.ایران", "anna@xn--mgbh0fb.xn--mgba3a4f16a"),
        ("phone", "+49 30 123456", "+4930123456"),
        ("phone", "+40 (721) 234-567", "+40721234567"),
        ("phone", "+۹۸ ۹۱۲ ۳۴۵ ۶۷۸۹", "+989123456789"),
    ],
)
def test_two_ways_of_writing_one_address_are_one_person(kind, one, other):
    first = identify.find_or_create(kind, one)
    second = identify.find_or_create(kind, other)

    assert first == second
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", text)
        for text in ("", "anna", "@post.example", "anna@", "a b@c.example", "a@b.example\r\nBcc: x")
    ]
    + [("phone", text) for text in ("", "030 123456", "twelve", "+1", "+999999999999999999")],
)
def test_what_is_no_address_is_refused(kind, value):
    with pytest.raises(identify.Unreadable):
        identify.find_or_create(kind, value)

    assert not Customer.objects.exists()


def test_the_same_name_is_not_the_same_person():
    one = identify.find_or_create("email", "anna@post.example", "Anna Kern")
    two = identify.find_or_create("email", "kern@post.example", "Anna Kern")

    assert one.customer != two.customer


def test_a_name_and_a_language_are_learned_once_and_never_overwritten():
    identify.find_or_create("email", "anna@post.example")
    identify.find_or_create("email", "anna@post.example", "Anna Kern", "ro")
    identify.find_or_create("email", "anna@post.example", "Mallory", "sw")

    customer = Customer.objects.get()
    assert (customer.name, customer.language) == ("Anna Kern", "ro")


def test_an_address_is_a_claim_until_it_is_proven_and_the_first_proof_counts(frozen):
    address = identify.find_or_create("email", "anna@post.example")
    was = address.proven

    address.prove()
    first = address.proven
    address.prove()

    assert (was, first, address.proven) == (None, frozen, frozen)


def test_who_writes_in_the_same_moment_is_one_person(monkeypatch):
    theirs = identify.find_or_create("email", "anna@post.example")
    monkeypatch.setattr(identify, "find", lambda kind, value: None)

    ours = identify.find_or_create("email", "anna@post.example")

    assert ours == theirs
    assert Customer.objects.count() == 1


def test_who_was_looked_for_and_came_meanwhile_is_one_person_and_not_new():
    theirs = identify.find_or_create("email", "anna@post.example")

    ours = identify.add("email", "anna@post.example")

    assert (ours, ours.is_new) == (theirs, False)
    assert identify.add("email", "ben@post.example").is_new


def test_there_is_one_company():
    make.company()

    with pytest.raises(IntegrityError), transaction.atomic():
        Company.objects.create(pk=2, name="Other", working_hours=Company.current().working_hours)

"""Two records of one person, seen as one and taken apart again."""

from __future__ import annotations

import pytest

from ahadi.people import merging
from ahadi.people.merging import NotPossible, merge, records, unmerge
from ahadi.people.models import Customer
from ahadi.testing import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> list[Customer]:
    return [make.customer(name) for name in ("Anna Kern", "A. Kern", "Anna from work")]


def known(customer: Customer) -> list[str]:
    customer.refresh_from_db()
    return [each.name for each in records(customer)]


def test_two_records_are_seen_as_one_person(people):
    anna, short, _work = people

    merge(short, into=anna)

    assert known(short) == known(anna) == ["Anna Kern", "A. Kern"]


def test_taken_apart_everything_is_as_before(people):
    anna, short, _work = people
    before = list(Customer.objects.order_by("pk").values())
    merge(short, into=anna)

    assert unmerge(short)

    assert list(Customer.objects.order_by("pk").values()) == before
    assert not unmerge(short)


def test_who_was_merged_before_comes_along_and_leaves_together(people):
    anna, short, work = people
    merge(work, into=short)
    merge(short, into=anna)
    assert known(work) == ["Anna Kern", "A. Kern", "Anna from work"]

    unmerge(short)

    assert known(anna) == ["Anna Kern"]
    assert known(work) == ["A. Kern", "Anna from work"]


def test_one_of_three_is_taken_out_alone(people):
    anna, short, work = people
    merge(short, into=anna)
    merge(work, into=anna)

    unmerge(short)

    assert known(anna) == ["Anna Kern", "Anna from work"]
    assert known(short) == ["A. Kern"]


def test_nobody_is_merged_with_themselves(people):
    anna, short, _work = people
    merge(short, into=anna)

    with pytest.raises(NotPossible, match="itself"):
        merge(anna, into=short)


def test_no_person_has_more_records_than_can_be_looked_through(people, monkeypatch):
    monkeypatch.setattr(merging, "MOST", 2)
    anna, short, work = people
    merge(short, into=anna)

    with pytest.raises(NotPossible, match="full"):
        merge(work, into=anna)

"""Rows made the short way are the rows that the constructor makes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ahadi.channels.models import Line, Talk
from ahadi.ledger.models import Leaf, Opening
from ahadi.lib.fresh import make
from ahadi.people.models import Address, Agent, Customer
from ahadi.testing import make as make_up
from ahadi.tickets.models import Entry, Ticket, Words

NOON = datetime(2026, 12, 2, 12, 0, tzinfo=UTC)


def values(row: object) -> dict:
    return {name: value for name, value in vars(row).items() if name != "_state"}


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize(
    ("model", "given"),
    [
        (Leaf, {"hash": b"x" * 32}),
        (Words, {"text": "Hello", "data": {"a": 1}}),
        (Words, {}),
        (Entry, {"seq": 3, "kind": "message", "at": NOON, "ticket_id": 7}),
        (Line, {"seq": 1, "visitor_id": None}),
        (Talk, {"begun": NOON}),
        (Customer, {"name": "Jane"}),
        (Address, {"value": "jane@example.org"}),
    ],
)
def test_a_row_has_what_the_constructor_gives_it(model, given):
    assert values(make(model, **given)) == values(model(**given))


def test_each_row_has_data_of_its_own():
    one, other = make(Words), make(Words)
    one.data["a"] = 1

    assert other.data == {}
    assert make(Ticket).number != make(Ticket).number


def test_rows_that_name_each_other_know_each_other():
    leaf = make(Leaf, hash=b"x" * 32)
    opening = make(Opening, leaf=leaf, salt=b"s")
    entry = make(Entry, leaf=leaf, agent=None)

    assert (opening.leaf, leaf.opening, entry.leaf, leaf.entry) == (leaf, opening, leaf, entry)
    assert (entry.agent_id, entry.agent, entry.leaf_id) == (None, None, None)


def test_a_name_that_is_no_field_is_refused():
    with pytest.raises(TypeError, match="Leaf has no weight"):
        make(Leaf, weight=3)


@pytest.mark.django_db
def test_a_row_that_is_read_is_a_row_that_is_kept():
    customer = make_up.customer()

    read = Customer.objects.get(pk=customer.pk)

    assert (read, read._state.adding, read._state.db) == (customer, False, "default")
    assert values(read) == values(customer)
    read.name = "Jane"
    read.save()
    assert Customer.objects.get(pk=customer.pk).name == "Jane"


@pytest.mark.django_db
def test_what_was_left_out_is_read_when_it_is_asked_for():
    agent = make_up.agent("Mara Voss")

    read = Agent.objects.only("email").get(pk=agent.pk)

    assert read.get_deferred_fields()
    assert read.name == "Mara Voss"
    customer = make_up.customer()
    assert Customer.objects.defer("name").get(pk=customer.pk).name == customer.name

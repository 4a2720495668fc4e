"""A house that was filled in by machine looks like one in which everybody has lived all the time."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection

from ahadi.channels import asking_after, nightly
from ahadi.desk import listing
from ahadi.notices import telling
from ahadi.promises import rounds
from ahadi.promises.models import Promise
from ahadi.testing import bulk, make, many
from ahadi.tickets import sequencing
from ahadi.tickets.models import Ticket


@pytest.mark.django_db
def test_filled_in_tickets_hold_and_leave_nothing_to_do(frozen: datetime) -> None:
    make.company()
    lead = make.lead()
    make.agent()
    telling.tell()

    many.fill(300, are_open=60)

    assert list(nightly.faults()) == []
    assert Ticket.objects.count() == 300
    assert 30 < Ticket.objects.open().count() < 80
    # Some promises are broken, some were warned of, and all of that was done already.
    assert Promise.objects.broken().exists()
    assert Promise.objects.in_danger().exists()
    assert Promise.objects.open().filter(look__isnull=False).count() > 15
    for round_ in (rounds.attend, telling.tell, asking_after.ask, sequencing.sequence):
        assert round_() == 0
    assert len(listing.page(lead, "search", "", "grinder").numbers) > 3
    assert make.ticket().pk > 300


@pytest.mark.django_db
def test_indexes_built_at_the_end_are_the_same(frozen: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    make.company()
    make.agent()
    before = _indexes()
    monkeypatch.setattr(many, "MANY", 1)

    many.fill(20)

    assert _indexes() == before
    assert list(nightly.faults()) == []


def _indexes() -> dict[str, str]:
    with connection.cursor() as cursor:
        return {name: words for name, _table, words in bulk.indexes(cursor)}

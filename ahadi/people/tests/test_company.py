from __future__ import annotations

from datetime import timedelta

import pytest

from ahadi.people.models import Company
from ahadi.testing import make

pytestmark = pytest.mark.django_db


def test_a_change_of_the_company_is_seen_at_once_whoever_made_it():
    make.company(name="Marlo", holidays={"2026-12-01": "National Day"}, first_answer=timedelta(hours=4))

    Company.objects.filter(pk=1).update(name="Other")

    company = Company.current()
    assert company.name == "Other"
    assert company.first_answer == timedelta(hours=4)
    assert company.working_hours.holidays == {"2026-12-01": "National Day"}
    assert company == Company.objects.get()


def test_what_somebody_does_to_their_copy_is_not_seen_by_others():
    mine = Company.current()

    mine.name = "Changed and not saved"
    mine.working_hours.hours = {}

    assert Company.current().name == "Ahadi"
    assert Company.current().working_hours.hours != {}


def test_the_company_costs_one_query(django_assert_num_queries):
    Company.current()

    with django_assert_num_queries(1):
        assert Company.current().working_hours.name == "Office hours"

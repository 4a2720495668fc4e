from __future__ import annotations

import pytest

from ahadi.automation.placeholders import About, fill, unknown, unresolved
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def about(name: str = "Anna Kern", language: str = "en") -> About:
    company = make.company()
    ticket = make.ticket(by=make.address(name=name, language=language))
    ticket.language = language
    return About(ticket, make.agent("Mara Lind"), company)


def test_what_is_known_is_filled_in():
    known = about()

    text = fill("Hello {{customer.first_name}}, it is {{ request.code }}. {{agent.first_name}}", known)

    assert text == f"Hello Anna, it is {known.ticket.number}. Mara"


def test_what_is_not_known_has_its_fallback_or_stays_to_be_seen():
    text = fill("Hello {{customer.first_name|there}}! {{customer.name}}", about(name=""))

    assert text == "Hello there! {{customer.name}}"
    assert unresolved(text) == ["{{customer.name}}"]


def test_dates_are_written_for_the_customer():
    assert "آذر" in fill("{{today}}", about(language="fa"))
    assert "December" in fill("{{promise.due}}", about())


def test_a_name_cannot_ask_for_anything():
    assert fill("{{customer.name}}", about(name="{{agent.name}}")) == "agent.name"


def test_what_means_nothing_is_named():
    assert unknown("{{customer.name}} {{ custmer.name|x }}") == ["custmer.name"]

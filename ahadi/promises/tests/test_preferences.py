from __future__ import annotations

from datetime import timedelta

import pytest

from ahadi.channels.models import Call
from ahadi.channels.phone import calls
from ahadi.lib import clock
from ahadi.people import identify
from ahadi.people.models import Address
from ahadi.promises import preferences
from ahadi.testing import make
from ahadi.tickets import wishes

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def ticket():
    """Of somebody who may be called from noon to one, Tehran's time; it is ten o'clock in London."""
    make.company()
    number = identify.find_or_create(Address.Kind.PHONE, "+982112345678", "Shirin Ahmadi", "fa")
    number.customer.time_zone = "Asia/Tehran"
    number.customer.reach_hours = {"thu": [["12:00", "13:00"]]}
    number.customer.save()
    return make.ticket(by=number)


def test_hours_are_those_of_the_customers_clock(ticket, frozen):
    customer = ticket.requester

    # Noon in Tehran is half past eight in London.
    noon = frozen.replace(hour=8, minute=30) + timedelta(days=1)

    assert preferences.objection(ticket, "phone", frozen) == preferences.HOURS
    assert preferences.objection(ticket, "phone", noon) == ""
    assert preferences.objection(ticket, "email") == ""
    assert preferences.next_time(customer, frozen) == noon
    assert preferences.next_time(customer, noon + HOUR / 2) == noon + HOUR / 2


def test_a_call_outside_these_hours_needs_a_reason_and_the_next_one_keeps_to_them(ticket, frozen):
    mara = make.agent()
    tried = calls.Outcome(result=Call.Outcome.UNREACHED, number=ticket.address)

    with pytest.raises(preferences.Unwanted, match="hours"):
        calls.write_down(ticket, tried, by=mara)
    assert not Call.objects.exists()
    calls.write_down(
        ticket,
        calls.Outcome(result=Call.Outcome.UNREACHED, number=ticket.address, against="The house is on fire."),
        by=mara,
    )

    against = ticket.entries.get(code="against_wish").words.data
    assert against == {"channel": "phone", "reason": "The house is on fire.", "wish": "hours"}
    assert Call.objects.open().get().wanted == frozen.replace(hour=8, minute=30) + timedelta(days=1)


def test_another_language_is_the_language_of_the_request_from_then_on(ticket):
    wishes.wish(ticket, ticket.address, {"language": "he"})

    ticket.refresh_from_db()
    assert (ticket.language, ticket.requester.language) == ("he", "he")


def test_who_called_and_wishes_mail_is_answered_by_mail(ticket):
    mail = identify.find_or_create(Address.Kind.EMAIL, "shirin@post.example", "Shirin Ahmadi", "fa")
    Address.objects.filter(pk=mail.pk).update(customer=ticket.requester, proven=clock.now())

    wishes.wish(ticket, ticket.address, {"preferred_channel": "email"})
    following = make.ticket(by=Address.objects.get(kind="phone"))

    ticket.refresh_from_db()
    assert (ticket.address, following.address) == (mail, mail)


def test_an_address_that_is_only_claimed_is_never_written_to_instead(ticket):
    mail = identify.find_or_create(Address.Kind.EMAIL, "shirin@post.example", "Shirin Ahmadi", "fa")
    Address.objects.filter(pk=mail.pk).update(customer=ticket.requester)

    wishes.wish(ticket, ticket.address, {"preferred_channel": "email"})

    ticket.refresh_from_db()
    assert ticket.address.kind == "phone"


def test_a_wished_language_holds_for_the_next_request_too_whatever_it_is_written_in(ticket):
    wishes.wish(ticket, ticket.address, {"language": "he"})
    words = "My grinder has stopped working, and nobody has told me what to do about it."

    following = make.ticket(words, by=Address.objects.get(kind="phone"))

    assert (following.language, following.entries.get(seq=1).language) == ("he", "en")

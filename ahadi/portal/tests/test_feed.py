"""The promise in the customer's own calendar."""

from __future__ import annotations

from datetime import timedelta

import pytest
from icalendar import Calendar

from ahadi.lib import clock
from ahadi.portal import feed
from ahadi.portal.tests.visits import WEDNESDAY, ask
from ahadi.testing import make
from ahadi.tickets.models import Ticket

pytestmark = pytest.mark.django_db


def event_of(client, ticket, guest=None):
    answer = client.get(f"/calendar/{feed.token(ticket, guest or ticket.address)}.ics")
    assert answer.status_code == 200
    return Calendar.from_ical(answer.content).walk("VEVENT")[0]


def test_a_calendar_program_reads_the_date_without_signing_in(client, client_of_somebody_else):
    ticket = Ticket.objects.get(number=ask(client))

    event = event_of(client_of_somebody_else, ticket)

    assert event["dtstart"].dt == ticket.due
    assert ticket.subject not in str(event.to_ical())


def test_a_moved_promise_moves_along_and_a_solved_one_is_taken_out(client):
    ticket, mara = Ticket.objects.get(number=ask(client)), make.agent("Mara Lind")
    first = event_of(client, ticket)
    with clock.at(WEDNESDAY + timedelta(minutes=5)):
        ticket.promise("I ask the workshop.", WEDNESDAY + timedelta(days=2), by=mara, reason="They are away.")
        moved = event_of(client, ticket)
        ticket.reply("Done.", by=mara, solve=True)
        over = event_of(client, ticket)

    assert moved["uid"] == first["uid"]
    assert moved["sequence"] > first["sequence"]
    assert moved["dtstart"].dt == WEDNESDAY + timedelta(days=2)
    assert over["status"] == "CANCELLED"


def test_a_link_that_was_changed_opens_nothing(client):
    ticket = Ticket.objects.get(number=ask(client))
    good = feed.token(ticket, ticket.address)
    stranger = feed.token(ticket, make.address())

    assert client.get(f"/calendar/{good[:-2]}xx.ics").status_code == 404
    assert client.get(f"/calendar/{stranger}.ics").status_code == 404

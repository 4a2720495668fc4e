"""Out of the lists for a while, never past a promise."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ahadi.lib import clock
from ahadi.testing import make
from ahadi.tickets import linking, snoozing
from ahadi.tickets.models import Link, Ticket
from ahadi.tickets.said import Said

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def codes(ticket):
    return list(ticket.entries.order_by("seq").values_list("code", flat=True))


def asleep(at):
    return list(Ticket.objects.filter(snoozing.asleep(at)))


def test_a_ticket_sleeps_until_its_time_and_wakes_once(frozen):
    ticket = make.ticket()
    snoozing.snooze(ticket, frozen + HOUR, by=make.agent())
    assert asleep(frozen) == [ticket]

    with clock.at(frozen + HOUR):
        assert snoozing.wake_due() == 1
        assert snoozing.wake_due() == 0

    ticket.refresh_from_db()
    assert (ticket.snoozed_until, codes(ticket)[-2:]) == (None, ["snoozed", "woken"])


def test_no_ticket_is_put_away_past_its_promise(frozen):
    ticket = make.ticket()

    with pytest.raises(snoozing.NotPossible, match="late"):
        snoozing.snooze(ticket, ticket.due + timedelta(seconds=1), by=make.agent())


def test_a_promise_that_is_due_is_never_hidden(frozen):
    ticket = make.ticket()
    snoozing.snooze(ticket, None, by=make.agent(), awaits="reply")

    assert asleep(ticket.due) == []


def test_an_answer_of_the_customer_wakes_it(frozen):
    ticket = make.ticket()
    snoozing.snooze(ticket, frozen + HOUR, by=make.agent())

    ticket.receive(Said(kind="message", text="Hello?", by=ticket.requester))

    ticket.refresh_from_db()
    assert (ticket.snoozed_until, codes(ticket)[-1]) == (None, "woken")


def test_a_machines_answer_wakes_nobody(frozen):
    ticket = make.ticket()
    snoozing.snooze(ticket, frozen + HOUR, by=make.agent())

    ticket.receive(Said(kind="message", text="I am away", by=ticket.requester, automatic=True))

    assert ticket.snoozed_until is not None


def test_a_promise_moved_to_an_earlier_time_wakes_it(frozen):
    ticket, agent = make.ticket(), make.agent()
    snoozing.snooze(ticket, ticket.due, by=agent)

    ticket.promise("A call", frozen + HOUR, by=agent)

    assert ticket.snoozed_until is None


def test_it_sleeps_until_a_linked_ticket_is_solved(frozen):
    ticket, cause, agent = make.ticket(), make.ticket(), make.agent()
    with pytest.raises(snoozing.NotPossible, match="alone"):
        snoozing.snooze(ticket, None, by=agent, awaits="linked")
    linking.link(ticket, cause, Link.Kind.CHILD, by=agent)
    snoozing.snooze(ticket, None, by=agent, awaits="linked")
    assert snoozing.wake_due() == 0

    cause.solve(by=agent)

    assert snoozing.wake_due() == 1


def test_only_times_before_the_promise_are_offered(frozen):
    ticket = make.ticket()
    ticket.due = frozen + timedelta(days=2)

    offered = [code for code, _moment in snoozing.offers(ticket, frozen)]

    assert offered == ["later", "tomorrow"]

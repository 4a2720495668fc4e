"""One change of many tickets."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ahadi.lib import clock
from ahadi.outbox import jobs
from ahadi.testing import make
from ahadi.tickets import batches
from ahadi.tickets.models import Batch, Field

pytestmark = pytest.mark.django_db


def run(agent, tickets, **acts):
    """Plan, start and work off."""
    batch = batches.plan(agent, [ticket.pk for ticket in tickets], acts)
    assert batches.start(batch)
    jobs.run_due()
    batch.refresh_from_db()
    return batch


def test_every_ticket_is_changed_and_the_report_counts_them(frozen):
    agent, tickets = make.agent(), [make.ticket() for _n in range(3)]

    batch = run(agent, tickets, tags=["parcel"], priority=3, owner=f"agent:{agent.pk}")

    for ticket in tickets:
        ticket.refresh_from_db()
        assert [tag.name for tag in ticket.tags.all()] == ["parcel"]
        assert (ticket.priority, ticket.assignee) == (3, agent)
    assert (batch.state, batch.done, batch.skipped) == ("done", 3, {})


def test_what_the_agent_may_not_touch_is_left_and_told(frozen):
    agent = make.agent()
    mine, other = make.ticket(), make.ticket(team=make.team("Billing"))

    batch = run(agent, [mine, other], priority=4)

    other.refresh_from_db()
    assert (other.priority, batch.done, batch.skipped) == (2, 1, {"unseen": 1})


def test_the_outlook_says_before_what_the_report_says_after(frozen):
    agent = make.agent()
    tickets = [make.ticket(), make.ticket(team=make.team("Billing")), make.ticket()]
    tickets[2].solve(by=agent)
    batch = batches.plan(agent, [ticket.pk for ticket in tickets], {"status": "solved"})

    outlook = batches.outlook(batch)

    assert outlook == {"": 1, "unseen": 1, "same": 1}
    after = run(agent, tickets, status="solved")
    assert (after.done, after.skipped) == (1, {"unseen": 1, "same": 1})


def test_nothing_is_solved_while_a_field_it_needs_is_empty(frozen):
    agent, ticket = make.agent(), make.ticket()
    Field.objects.create(name="Order", code="order", is_required=True)

    batch = run(agent, [ticket], status="solved")

    ticket.refresh_from_db()
    assert (ticket.is_solved, batch.skipped) == (False, {"fields": 1})


def test_it_is_undone_within_a_minute_except_where_something_else_happened(frozen):
    agent, tickets = make.agent(), [make.ticket() for _n in range(2)]
    due = tickets[0].due
    batch = run(agent, tickets, status="solved", tags=["parcel"])
    tickets[1].note("I looked at it.", by=agent)

    with clock.at(frozen + timedelta(seconds=50)):
        assert batches.undo(batch)
        jobs.run_due()

    first, second = tickets
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, first.due, list(first.tags.all())) == ("open", due, [])
    assert second.status == "solved"
    batch.refresh_from_db()
    assert (batch.state, batch.done, batch.skipped) == ("undone", 1, {"changed": 1})


def test_after_a_minute_it_stays(frozen):
    batch = run(make.agent(), [make.ticket()], priority=4)

    with clock.at(frozen + timedelta(seconds=61)):
        assert not batches.undo(batch)


def test_tickets_of_a_person_are_handed_over_only_with_a_sentence(frozen):
    agent, other = make.agent(), make.agent("Other")
    taken, free = make.ticket(assignee=other), make.ticket()

    without = run(agent, [taken, free], owner=f"agent:{agent.pk}")
    told = run(agent, [taken], owner=f"agent:{agent.pk}", sentence="Other is away until Monday.")

    assert (without.done, without.skipped, told.done) == (1, {"sentence": 1}, 1)
    last = taken.entries.filter(code="assigned").latest("seq")
    assert last.words.data["sentence"] == "Other is away until Monday."
    assert last.words.data["handed"] is True


def test_pressed_twice_it_runs_once(frozen):
    batch = batches.plan(make.agent(), [make.ticket().pk], {"priority": 4})

    assert batches.start(batch)
    assert not batches.start(batch)


def test_a_worker_that_died_half_way_is_followed_by_one_that_goes_on(frozen, monkeypatch):
    agent, tickets = make.agent(), [make.ticket() for _n in range(5)]
    batch = batches.plan(agent, [ticket.pk for ticket in tickets], {"priority": 4})
    monkeypatch.setattr(batches, "AT_ONCE", 2)
    batches.start(batch)
    batches.run(batch.pk)

    jobs.run_due()

    batch = Batch.objects.get()
    assert (batch.state, batch.done) == ("done", 5)
    assert all(ticket.entries.filter(code="priority").count() == 1 for ticket in tickets)


def test_a_snooze_past_the_promise_changes_nothing_of_that_ticket(frozen):
    agent, ticket = make.agent(), make.ticket()
    until = (ticket.due + timedelta(minutes=1)).isoformat()

    batch = run(agent, [ticket], tags=["parcel"], snooze=until)

    assert (batch.skipped, list(ticket.tags.all())) == ({"late": 1}, [])

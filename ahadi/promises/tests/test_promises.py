from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ahadi.lib import clock
from ahadi.promises.models import Promise
from ahadi.testing import make
from ahadi.tickets.models import Ticket
from ahadi.tickets.said import Kind, Said

pytestmark = pytest.mark.django_db

START = datetime(2026, 12, 2, 10, tzinfo=UTC)


def test_a_ticket_is_born_with_a_promise_of_its_team(frozen):
    ticket = make.ticket()

    promise = Promise.objects.get()
    assert (promise.ticket, promise.step_code, promise.due) == (ticket, "first_answer", ticket.due)
    assert (promise.owner_team, promise.owner_agent, promise.made_by) == (ticket.team, None, None)
    assert (promise.made, promise.ended) == (frozen, None)


def test_a_persons_answer_keeps_the_promise_and_gives_the_next_one(frozen):
    ticket, agent = make.ticket(), make.agent()

    with clock.at(frozen + timedelta(hours=1)) as later:
        ticket.reply("We look into it.", by=agent)

    first, second = Promise.objects.order_by("pk")
    assert (first.kept, first.ended, first.moved) == (later, later, None)
    assert not first.is_late
    assert (second.step_code, second.owner_agent, second.made_by, second.ended) == (
        "news",
        agent,
        agent,
        None,
    )


def test_an_automatic_answer_keeps_no_promise():
    ticket = make.ticket()

    ticket.append(Said(kind=Kind.REPLY, text="Received.", automatic=True))

    assert Promise.objects.get().ended is None


def test_a_promise_that_is_moved_stays_written_down_with_its_reason(frozen):
    ticket, agent = make.ticket(), make.agent()
    due = frozen + timedelta(days=1)

    ticket.promise("The part arrives", due, by=agent, reason="The part is late")

    old, new = Promise.objects.order_by("pk")
    assert (old.moved, old.kept, old.reason) == (frozen, None, "The part is late")
    assert (new.step_text, new.due, new.made_by) == ("The part arrives", due, agent)


def test_solving_keeps_the_promise_and_gives_no_other():
    ticket = make.ticket()

    ticket.solve(by=make.agent())

    assert Promise.objects.get().kept is not None
    assert not Promise.objects.open().exists()


def test_a_promise_past_its_time_is_broken_and_an_answer_after_it_is_late(frozen):
    ticket = make.ticket()

    with clock.at(frozen + timedelta(hours=3)):
        assert list(Promise.objects.broken()) == [Promise.objects.get()]
        ticket.reply("Sorry.", by=make.agent())

    assert Promise.objects.order_by("pk")[0].is_late


def test_the_database_refuses_a_second_open_promise():
    promise = make.ticket().promises.get()
    promise.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        promise.save(force_insert=True)


def test_a_note_leaves_the_promise_alone():
    ticket = make.ticket()

    ticket.note("Careful.", by=make.agent())

    assert Promise.objects.get().ended is None


VERBS = st.sampled_from(
    ["receive", "automatic", "reply", "solution", "waiting_reply", "note", "promise", "assign", "unassign"]
    + ["hand", "solve", "reopen", "wait", "retag", "prioritise", "rename", "stale"]
)
STEPS = st.lists(st.tuples(VERBS, st.integers(0, 72 * 60)), max_size=14)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_no_order_of_events_leaves_an_open_ticket_without_a_promise(steps):
    with transaction.atomic():
        play(steps)
        transaction.set_rollback(True)


def play(steps):
    now = START
    with clock.at(now):
        ticket, agent, returns = make.ticket(), make.agent(), make.team("Returns")
        copy = Ticket.objects.get(pk=ticket.pk)
        check(ticket)
    for verb, minutes in steps:
        now += timedelta(minutes=minutes)
        with clock.at(now):
            act(copy if verb == "stale" else ticket, "reply" if verb == "stale" else verb, agent, returns)
            check(ticket)


def act(ticket, verb, agent, team):
    words = {"kind": Kind.MESSAGE, "text": "x", "by": ticket.requester, "address": ticket.address}
    verbs = {
        "receive": lambda: ticket.receive(Said(**words)),
        "automatic": lambda: ticket.receive(Said(**words, automatic=True)),
        "reply": lambda: ticket.reply("x", by=agent),
        "solution": lambda: ticket.reply("x", by=agent, solve=True),
        "waiting_reply": lambda: ticket.reply("x", by=agent, wait=True),
        "note": lambda: ticket.note("x", by=agent),
        "promise": lambda: None if ticket.is_solved else ticket.promise("y", clock.now(), by=agent),
        "assign": lambda: ticket.assign(agent, by=agent),
        "unassign": lambda: ticket.assign(None, by=None),
        "hand": lambda: ticket.hand_to(team, by=agent),
        "solve": lambda: ticket.solve(by=agent),
        "reopen": lambda: ticket.reopen(by=agent),
        "wait": lambda: ticket.wait(by=agent),
        "retag": lambda: ticket.retag([], by=agent),
        "prioritise": lambda: ticket.prioritise(4, by=agent),
        "rename": lambda: ticket.rename("z", by=agent),
    }
    verbs[verb]()


def check(ticket):
    row = Ticket.objects.get(pk=ticket.pk)
    standing = list(Promise.objects.open().filter(ticket=row))
    if row.is_solved:
        assert standing == []
        assert row.solved is not None
        return
    (promise,) = standing
    assert row.due is not None
    assert row.step_code
    assert row.team_id is not None
    assert (promise.due, promise.step_code, promise.step_text) == (row.due, row.step_code, row.step_text)
    assert (promise.owner_agent_id, promise.owner_team_id) == (row.assignee_id, row.team_id)

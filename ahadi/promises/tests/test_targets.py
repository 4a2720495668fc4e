from __future__ import annotations

from datetime import timedelta

import pytest

from ahadi.lib import clock
from ahadi.people.models import Organization
from ahadi.promises import audit, counting
from ahadi.promises.models import Policy, Progress, Target
from ahadi.testing import make
from ahadi.tickets.models import Ticket
from ahadi.tickets.said import Kind, Said

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def policy(**fields):
    """Four hours for every answer, a day of eight hours for updates, three days for the solution."""
    given = {"first": 4 * HOUR, "next": 4 * HOUR, "update": 8 * HOUR, "solution": 24 * HOUR}
    return Policy.objects.create(**{"name": "Everybody", **given, **fields})


def ask(ticket, text="And?"):
    ticket.receive(Said(kind=Kind.MESSAGE, text=text, by=ticket.requester, address=ticket.address))


def counted(ticket, metric):
    """The newest clock of a kind, counted now."""
    counting.count_again([Ticket.objects.get(pk=ticket.pk)])
    return Target.objects.filter(ticket=ticket, metric=metric).order_by("place").last()


@pytest.fixture
def ticket(frozen):
    make.company()
    with clock.at(frozen - timedelta(days=30)):
        policy()
    return make.ticket()


def test_neither_an_acknowledgement_nor_a_note_stops_the_first_answer(ticket, frozen):
    ticket.append(Said(kind=Kind.REPLY, text="Received.", automatic=True))
    ticket.note("Careful.", by=make.agent())

    first = counted(ticket, "first")

    assert (first.ended, first.due) == (None, frozen + 4 * HOUR)


def test_a_persons_answer_stops_it(ticket, frozen):
    with clock.at(frozen + HOUR) as later:
        ticket.reply("Yes.", by=make.agent())

    assert counted(ticket, "first").ended == later


def test_the_next_answer_runs_from_the_oldest_unanswered_message(ticket, frozen):
    ticket.reply("Yes.", by=make.agent())
    with clock.at(frozen + HOUR):
        ask(ticket)
    with clock.at(frozen + 2 * HOUR):
        ask(ticket)

        following = counted(ticket, "next")

    assert (following.place, following.began, following.due) == (1, frozen + HOUR, frozen + 5 * HOUR)


def test_a_thank_you_can_be_marked_as_needing_no_answer(ticket, frozen):
    ticket.reply("Yes.", by=make.agent())
    ask(ticket, "Thank you!")
    with clock.at(frozen + HOUR) as later:
        ticket.change("no_answer", {}, make.agent())

    assert counted(ticket, "next").ended == later


def test_only_a_question_of_ours_pauses_the_solution(ticket, frozen):
    with clock.at(frozen + HOUR):
        ticket.reply("We wait for the supplier.", by=make.agent(), wait=True)
        assert counted(ticket, "solution").due is not None

    with clock.at(frozen + 2 * HOUR):
        ticket.reply("Which colour is it?", by=make.agent(), wait=True)
        paused = counted(ticket, "solution")

    assert paused.due is None
    assert [part[2:4] for part in paused.segments][-1] == ["paused", "customer"]


def test_an_answer_moves_the_solution_by_the_working_time_that_passed(ticket, frozen):
    before = counted(ticket, "solution").due
    with clock.at(frozen + HOUR):
        ticket.reply("Which colour is it?", by=make.agent(), wait=True)
    # Wednesday 11:00 to Thursday 11:00: eight working hours.
    with clock.at(frozen + 25 * HOUR):
        ask(ticket, "Red")

        after = counted(ticket, "solution").due

    hours = ticket.team.working_hours or make.company().working_hours
    assert hours.calendar.between(before, after) == 8 * 3600


def test_a_customers_silence_pauses_for_five_days_only(ticket, frozen):
    ticket.reply("Which colour is it?", by=make.agent(), wait=True)

    with clock.at(frozen + timedelta(days=14)):
        rested = counted(ticket, "solution")

    assert rested.due is not None
    assert [part[2] for part in rested.segments] == ["paused", "running"]


def test_a_transfer_never_resets(ticket, frozen):
    with clock.at(frozen + HOUR):
        ticket.hand_to(make.team("Returns"), by=make.agent())

    first = counted(ticket, "first")

    assert (first.began, first.due) == (frozen, frozen + 4 * HOUR)


def test_reopening_goes_on_with_the_same_clock(ticket, frozen):
    with clock.at(frozen + HOUR):
        ticket.solve(by=make.agent())
    with clock.at(frozen + 3 * HOUR):
        ask(ticket)
        again = counted(ticket, "solution")

    assert (again.place, again.began, again.ended) == (1, frozen, None)
    assert [(part[2], part[3]) for part in again.segments] == [
        ("running", ""),
        ("paused", "solved"),
        ("running", ""),
    ]


def test_a_new_target_counts_from_its_change_on(ticket, frozen):
    with clock.at(frozen + HOUR):
        Policy.objects.get(until=None).replace(by=None, first=2 * HOUR)
        first = counted(ticket, "first")

    assert first.due == frozen + 2 * HOUR
    assert [part[3] for part in first.segments] == ["", "policy"]


def test_what_was_missed_stays_missed(ticket, frozen):
    with clock.at(frozen + 5 * HOUR):
        Policy.objects.get(until=None).replace(by=None, first=24 * HOUR)
        first = counted(ticket, "first")

    assert first.missed == frozen + 4 * HOUR
    assert first.due > frozen + 5 * HOUR


def test_the_first_policy_that_fits_counts(ticket, frozen):
    with clock.at(frozen - timedelta(days=1)):
        policy(name="Urgent", place=0, conditions={"priority": [4]}, first=HOUR)
    with clock.at(frozen + timedelta(minutes=30)):
        ticket.prioritise(4, by=make.agent())
        first = counted(ticket, "first")

    assert (first.policy.name, first.due) == ("Urgent", frozen + HOUR)


def test_an_organizations_contract_hours_count(frozen):
    make.company()
    round_the_clock = make.working_hours(hours={day: [["00:00", "24:00"]] for day in WEEK})
    with clock.at(frozen - timedelta(days=1)):
        policy()
    address = make.address()
    address.customer.organization = Organization.objects.create(name="Acme", working_hours=round_the_clock)
    address.customer.save()
    with clock.at(frozen + 10 * HOUR):
        ticket = make.ticket(by=address)

        assert counted(ticket, "first").due == frozen + 14 * HOUR


WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def test_a_round_follows_what_happens_and_what_changes(ticket, frozen):
    counting.follow()
    assert Target.objects.filter(ticket=ticket).count() == 3

    with clock.at(frozen + HOUR):
        ticket.reply("Yes.", by=make.agent())
        counting.follow()
    assert Target.objects.get(metric="first").ended == frozen + HOUR

    with clock.at(frozen + 2 * HOUR):
        Policy.objects.get(until=None).replace(by=None, solution=8 * HOUR)
        counting.follow()
    progress = Progress.objects.get(name="tickets")
    assert progress.finished == progress.total == 1
    assert Target.objects.get(metric="solution").due == frozen + timedelta(hours=24)


def test_the_audit_counts_again_and_finds_a_changed_figure(ticket):
    counting.follow()
    assert list(audit.audit()) == []

    Target.objects.filter(metric="first").update(due=ticket.opened)

    assert [fault.code for fault in audit.audit()] == ["other_target"]


def test_without_policies_nothing_is_counted(frozen):
    make.ticket()

    counting.follow()

    assert not Target.objects.exists()

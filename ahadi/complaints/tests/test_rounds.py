"""Last moments that pass are told once, whatever was restarted in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ahadi.complaints import handling, rounds
from ahadi.complaints.handling import Handed
from ahadi.complaints.models import Complaint, Rules
from ahadi.complaints.profiles import Stage
from ahadi.lib import clock
from ahadi.people.models import Team
from ahadi.testing import make
from ahadi.tickets.models import Ticket

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def chief():
    team = Team.objects.create(name="Management", is_private=True)
    Rules.objects.create(pk=1, team=team, profile="il_57")
    return make.lead("Noa Levi", teams=[team])


def hand_in():
    with clock.at(NOON):
        complaint = handling.take_in(
            Handed(address=make.address(), text="Nobody answers.", subject="Silence")
        )
        handling.acknowledge(complaint)
    return complaint


def late(complaint):
    return [
        entry.words.data["stage"]
        for entry in complaint.ticket.entries.filter(code="complaint_late").order_by("seq")
    ]


def test_nothing_is_said_before_its_time(chief):
    complaint = hand_in()

    with clock.at(NOON + timedelta(minutes=5)):
        assert rounds.attend() == 0

    assert late(complaint) == []


def test_each_last_moment_is_told_once_and_makes_it_urgent(chief):
    complaint = hand_in()

    for minutes in (7, 8, 200, 201):
        with clock.at(NOON + timedelta(minutes=minutes)):
            rounds.attend()

    assert late(complaint) == [Stage.HUMAN, Stage.CALL_BACK]
    assert Ticket.objects.get(pk=complaint.pk).priority == Ticket.Priority.URGENT


def test_what_passed_while_nothing_ran_is_told_at_the_start_with_its_true_time(chief):
    complaint = hand_in()

    with clock.at(NOON + timedelta(days=60)):
        rounds.attend()

    assert late(complaint) == [Stage.HUMAN, Stage.CALL_BACK, Stage.DECISION]
    said = complaint.ticket.entries.filter(code="complaint_late").first().words.data
    assert said["due"] == (NOON + timedelta(minutes=6)).isoformat()


def test_the_word_of_a_person_meets_its_time_when_it_was_said(chief):
    complaint = hand_in()
    with clock.at(NOON + timedelta(minutes=4)):
        complaint.ticket.reply("I am here. What happened?", by=chief)

    with clock.at(NOON + timedelta(minutes=30)):
        rounds.attend()

    assert complaint.deadlines.get(stage=Stage.HUMAN).met == NOON + timedelta(minutes=4)
    assert late(complaint) == []


def test_a_decision_in_time_leaves_nothing_to_tell(chief):
    complaint = hand_in()
    with clock.at(NOON + timedelta(minutes=3)):
        handling.decide(complaint, Complaint.Outcome.UPHELD, "You are right.", by=chief)

    with clock.at(NOON + timedelta(days=60)):
        assert rounds.attend() == 0

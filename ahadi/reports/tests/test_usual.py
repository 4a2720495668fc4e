"""How long requests usually take, as customers read it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from ahadi.lib import clock
from ahadi.reports import usual
from ahadi.reports.models import Usual
from ahadi.testing import make

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)


def solved(many, mara):
    """Requests of one team that were answered after one hour and solved after two."""
    for number in range(many):
        with clock.at(MONDAY + timedelta(hours=number)):
            ticket = make.ticket()
        with clock.at(MONDAY + timedelta(hours=number + 1)):
            ticket.reply("We look at it.", by=mara)
        with clock.at(MONDAY + timedelta(hours=number + 2)):
            ticket.reply("Done.", by=mara, solve=True)


def test_from_twenty_on_it_is_told_and_before_it_is_not():
    mara = make.agent()
    solved(19, mara)
    with clock.at(MONDAY + timedelta(days=2)):
        is_told = usual.learn()
        solved(1, mara)
        ticket = make.ticket()
    with clock.at(MONDAY + timedelta(days=3)):
        usual.learn()

    said = usual.of(ticket)
    assert not is_told
    assert said.count == 20
    assert timedelta(hours=1) < said.half <= timedelta(hours=2)


def test_the_first_answer_has_numbers_of_its_own():
    solved(20, make.agent())
    with clock.at(MONDAY + timedelta(days=2)):
        usual.learn()
        ticket = make.ticket()

    answer, solution = usual.of(ticket, Usual.Measure.ANSWER), usual.of(ticket)

    assert answer.half < solution.half


def test_it_is_learned_once_an_hour():
    solved(20, make.agent())

    with clock.at(MONDAY + timedelta(days=2)):
        first = usual.learn()
        again = usual.learn()

    assert (first, again) == (True, False)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Half of such requests end within 5 hours, nine of ten within 3 days."), ("fa", "۵ ساعت")],
)
def test_it_is_told_in_words_and_rounded_up(language, said):
    known = Usual(half=timedelta(hours=4, minutes=10), most=timedelta(days=2, hours=13))

    with translation.override(language):
        assert said in usual.tell(known)

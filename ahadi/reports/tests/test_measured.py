from __future__ import annotations

from datetime import timedelta

import pytest

from ahadi.lib import clock
from ahadi.promises import counting
from ahadi.promises.models import Policy
from ahadi.reports import measured
from ahadi.testing import make
from ahadi.tickets import merging

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def test_targets_are_told_with_their_number_and_in_both_times(frozen):
    make.company()
    mara = make.agent()
    Policy.objects.create(name="All", first=4 * HOUR)
    tickets = [make.ticket(subject=f"Nr. {number}") for number in range(4)]
    # It is ten o'clock; the last answer comes the next morning, and one never.
    for ticket, after in zip(tickets, (HOUR, 2 * HOUR, 24 * HOUR), strict=False):
        with clock.at(frozen + after):
            ticket.reply("We look into it.", by=mara)

    with clock.at(frozen + 24 * HOUR):
        counting.count_again(tickets)
        found = measured.figures(mara, frozen - HOUR)

    (first,) = found.rows
    assert (first.metric, first.met, first.missed, first.running) == (Policy.Metric.FIRST, 2, 2, 0)
    assert first.business == (2 * HOUR, 8 * HOUR)
    assert first.calendar == (2 * HOUR, 24 * HOUR)


def test_a_request_that_goes_on_in_another_is_left_out_and_told(frozen):
    make.company()
    mara = make.agent()
    Policy.objects.create(name="All", first=4 * HOUR)
    anna = make.address("anna@post.example")
    one, other = make.ticket(by=anna), make.ticket(by=anna)
    counting.count_again([one, other])
    merging.merge(other, one, by=mara)

    found = measured.figures(mara, frozen - HOUR)

    assert (found.merged, found.rows[0].running, found.rows[0].business) == (1, 1, None)


def test_nobody_counts_what_they_may_not_see(frozen):
    make.company()
    Policy.objects.create(name="All", first=4 * HOUR)
    counting.count_again([make.ticket(team=make.team("Workshop"))])

    assert measured.figures(make.agent(), frozen - HOUR).rows == []

from __future__ import annotations

from math import inf, isclose

import pytest

from ahadi.lib.erlang import Load

# contacts, interval, handling; people for 80 % in 20 s, level, average wait, busy, share that waits; then
# people for 95 % in 3 minutes, and for 99.9 % in 6 minutes.
VECTORS = [
    (100, 1800, 180, 14, 0.8884, 7.8, 0.714, 0.1741, 13, 13),
    (20, 1800, 300, 6, 0.8759, 16.7, 0.556, 0.1482, 6, 7),
    (6, 1800, 300, 3, 0.9204, 13.6, 0.333, 0.0909, 3, 4),
    (240, 3600, 240, 20, 0.8165, 15.4, 0.800, 0.2561, 19, 20),
    (10, 3600, 420, 3, 0.8790, 30.2, 0.389, 0.1320, 4, 5),
]


@pytest.mark.parametrize("vector", VECTORS)
def test_the_known_loads_need_the_known_people(vector):
    contacts, interval, handling, people, level, wait, busy, waits, in_three, in_six = vector
    load = Load(contacts, interval, handling)

    assert load.people_for(0.8, 20) == people
    assert isclose(load.service_level(people, 20), level, abs_tol=5e-5)
    assert isclose(load.average_wait(people), wait, abs_tol=0.05)
    assert isclose(load.occupancy(people), busy, abs_tol=5e-4)
    assert isclose(load.waits(people), waits, abs_tol=5e-5)
    assert (load.people_for(0.95, 180), load.people_for(0.999, 360)) == (in_three, in_six)


def test_too_few_people_answer_nobody_in_time():
    load = Load(100, 1800, 180)

    assert (load.service_level(10, 20), load.average_wait(10), load.waits(9)) == (0.0, inf, 1.0)


def test_nobody_is_busier_than_they_should_be():
    load = Load(240, 3600, 240)

    assert load.occupancy(load.people_for(0.8, 180, busiest=0.75)) <= 0.75


def test_thousands_of_contacts_overflow_nothing():
    assert Load(60_000, 3600, 300).people_for(0.8, 20) > 5_000

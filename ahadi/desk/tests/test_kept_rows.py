from __future__ import annotations

from datetime import timedelta

import pytest

from ahadi.lib import clock
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def rows(desk, path: str = "/desk/open/") -> str:
    return desk.get(path).content.decode().partition('class="list__scroll"')[2].partition("<dialog")[0]


def test_a_new_ticket_stands_in_the_list_at_once(desk):
    make.ticket(subject="The first")
    rows(desk)

    make.ticket(subject="The second")

    assert "The second" in rows(desk)


def test_a_list_looked_at_twice_is_the_same(desk):
    make.ticket(subject="The first")

    assert rows(desk) == rows(desk)


def test_who_leaves_a_team_loses_its_list_at_once(desk, agent):
    make.ticket(subject="Of the team")
    assert "Of the team" in rows(desk)

    agent.teams.clear()

    assert "Of the team" not in rows(desk)


def test_who_moves_to_another_team_sees_its_list_at_once(desk, agent):
    make.ticket(subject="Of the team")
    make.ticket(subject="Of the workshop", team=make.team("Workshop"))
    rows(desk)

    agent.teams.set([make.team("Workshop")])

    page = rows(desk)
    assert "Of the workshop" in page
    assert "Of the team" not in page


def test_a_kept_list_is_of_one_agent_and_one_language(desk, client, agent):
    make.ticket(subject="Mine alone", assignee=agent)
    rows(desk, "/desk/mine/")
    other = make.agent("Ben Otieno", language="he")

    client.force_login(other)
    page = client.get("/desk/mine/").content.decode()

    assert "Mine alone" not in page
    assert 'dir="rtl"' in page


def test_time_goes_on_in_a_kept_list(desk):
    make.ticket()
    assert "group--bad" not in rows(desk)

    with clock.at(clock.now() + timedelta(hours=3)):
        assert "group--bad" in rows(desk)


def test_only_the_open_ticket_is_marked(desk):
    first, second = make.ticket("One", subject="One"), make.ticket('data-row="x"', subject='data-row="y"')

    for ticket in (first, second, first):
        page = rows(desk, f"/desk/open/{ticket.number}/")

        assert page.count('aria-current="true"><span class="row__who">') == 1
        assert f'data-row="{ticket.number}" aria-current="true"' in page

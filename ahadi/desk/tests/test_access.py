from __future__ import annotations

import pytest

from ahadi.testing import make

# Every role at every door is in tests/access.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def test_an_agent_who_left_the_team_keeps_only_their_own(client):
    agent = make.agent()
    theirs, teams = make.ticket(assignee=agent), make.ticket()
    agent.teams.clear()
    client.force_login(agent)

    assert client.get(f"/desk/open/{theirs.number}/").status_code == 200
    assert client.get(f"/desk/open/{teams.number}/").status_code == 404

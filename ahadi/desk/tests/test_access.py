from __future__ import annotations

import pytest
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

# Who may open what of a ticket: every door stands here, with the method it is entered by.
OF_TICKET = {
    "ticket": "get",
    "replies": "post",
    "notes": "post",
    "assignment": "post",
    "tags": "post",
    "solution": "post",
    "promise": "post",
    "priority": "post",
    "subject": "post",
    "call_codes": "post",
    "releases": "post",
    "retry": "post",
    "confirmation": "post",
    "ways": "post",
    "withdrawal": "post",
    "leaving_time": "post",
    "draft_removal": "post",
    "admission": "post",
    "separation": "post",
    "leaving": "post",
    "participants": "post",
    "participant_removal": "post",
}
PATHS = {
    "ticket": "",
    "call_codes": "call-codes/",
    "releases": "releases/1/",
    "retry": "deliveries/1/retry/",
    "confirmation": "deliveries/1/confirmation/",
    "ways": "deliveries/1/ways/",
    "withdrawal": "drafts/1/withdrawal/",
    "leaving_time": "drafts/1/time/",
    "draft_removal": "drafts/1/removal/",
    "admission": "held/1/admission/",
    "separation": "held/1/separation/",
    "leaving": "held/1/leaving/",
    "participant_removal": "participants/1/removal/",
}
# These need something on the ticket that an empty one has not.
OF_SOMETHING = set(PATHS) - {"ticket"}
ROLES = ["agent", "lead", "admin"]


def doors(patterns=None, inside: str = "") -> dict[str, str]:
    """Every named door of the desk with its route."""
    if patterns is None:
        patterns = next(
            entry for entry in get_resolver().url_patterns if getattr(entry, "app_name", "") == "desk"
        ).url_patterns
    found: dict[str, str] = {}
    for entry in patterns:
        route = inside + str(entry.pattern)
        if isinstance(entry, URLResolver):
            found |= doors(entry.url_patterns, route)
        elif isinstance(entry, URLPattern) and entry.name:
            found[entry.name] = route
    return found


def test_every_door_of_a_ticket_is_in_the_table():
    of_ticket = {name for name, route in doors().items() if "number" in route}

    assert of_ticket == set(OF_TICKET)


@pytest.mark.parametrize("name", OF_TICKET)
@pytest.mark.parametrize("role", ROLES)
def test_a_foreign_ticket_does_not_exist_for_agents(client, role: str, name: str):
    ticket = make.ticket(team=make.team("Workshop"))
    client.force_login(make.agent(role=role))
    before = ticket.entries.count()

    answer = getattr(client, OF_TICKET[name])(f"/desk/open/{ticket.number}/{PATHS.get(name, name + '/')}")

    if role == "agent":
        assert answer.status_code == 404
        assert ticket.entries.count() == before
    elif name not in OF_SOMETHING:
        assert answer.status_code != 404


@pytest.mark.parametrize("name", OF_TICKET)
def test_no_door_of_a_ticket_opens_without_a_sign_in(client, name: str):
    ticket = make.ticket()

    answer = getattr(client, OF_TICKET[name])(f"/desk/open/{ticket.number}/{PATHS.get(name, name + '/')}")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", [name for name, method in OF_TICKET.items() if method == "post"])
def test_a_visit_changes_nothing(client, name: str):
    ticket = make.ticket()
    client.force_login(make.admin())

    assert client.get(f"/desk/open/{ticket.number}/{PATHS.get(name, name + '/')}").status_code == 405


def test_an_agent_who_left_the_team_keeps_only_their_own(client):
    agent = make.agent()
    theirs, teams = make.ticket(assignee=agent), make.ticket()
    agent.teams.clear()
    client.force_login(agent)

    assert client.get(f"/desk/open/{theirs.number}/").status_code == 200
    assert client.get(f"/desk/open/{teams.number}/").status_code == 404

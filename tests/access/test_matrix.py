"""Every role at every door, in front of what is theirs and what is not."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ahadi.people.models import Agent, Team
from tests.access.table import DOORS, LEAVES, WORDS, Door, For
from tests.access.world import SECRET, World, knock, routes, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

GUESTS = ("guest", "code only", "proven guest")
EVERYBODY = (*GUESTS, "agent", "lead", "admin")
# Who is let in, by the people a door is for; of a ticket that is foreign to the agent.
LET_IN: dict[For, tuple[str, ...]] = {
    For.ALL: EVERYBODY,
    For.AGENTS: ("agent", "lead", "admin"),
    For.OF_TICKET: ("lead", "admin"),
    For.LEADS: ("lead", "admin"),
    For.MANAGEMENT: (),
    For.ADMINS: ("admin",),
    For.ACCOUNT: ("agent", "lead", "admin"),
}
OF_DESK = (For.AGENTS, For.OF_TICKET, For.LEADS, For.MANAGEMENT, For.ADMINS, For.ACCOUNT)
UNSEEN = (For.OF_TICKET, For.MANAGEMENT)
TABLE = sorted(DOORS.items())
VISITS = [(name, door, method) for name, door in TABLE for method in door.methods]


def address(name: str, door: Door, world: World) -> str:
    """The address of a door, with the foreign ticket in it."""
    words = {**WORDS, "number": world.foreign.number, **door.words}
    route = re.sub(r"\(\?P<(\w+)>.*?\)(?=[-/$]|$)", r"<\1>", routes()[name])
    route = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: words[found[1]], route)
    return "/" + route.replace("^", "").replace("$", "").replace("\\Z", "")


def is_sent_to_sign_in(answer: Any) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith("/accounts/")


def test_every_route_has_its_line_in_the_table():
    assert set(routes()) == set(DOORS), "write the line of a new route into tests/access/table.py"


@pytest.mark.parametrize(
    ("name", "door", "method"),
    [visit for visit in VISITS if visit[1].people in OF_DESK],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_door_of_the_desk_lets_in_whom_it_is_for(world: World, name: str, door: Door, method: str):
    path = address(name, door, world)

    for role in EVERYBODY:
        answer, written = knock(world.clients[role], method, path)

        if role in LET_IN[door.people]:
            # Somebody without password and second factor has nothing to show to allauth again.
            refusals = (401, 405) if door.people is For.ACCOUNT else (401, 403, 405)
            assert answer.status_code not in refusals, role
            continue
        if role in GUESTS:
            assert is_sent_to_sign_in(answer), role
        else:
            assert answer.status_code == (404 if door.people in UNSEEN else 403), role
        assert SECRET.encode() not in answer.body
        assert not written, role


@pytest.mark.parametrize(
    ("name", "door", "method"),
    [visit for visit in VISITS if visit[1].people in (For.OWNER, For.ALL, For.KEY)],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_nobody_reads_a_request_that_is_not_theirs(world: World, name: str, door: Door, method: str):
    path = address(name, door, world)

    for role in EVERYBODY:
        answer, written = knock(world.clients[role], method, path)

        assert answer.status_code != 405
        assert SECRET.encode() not in answer.body, role
        assert not written & {"tickets_ticket", "tickets_entry", "ledger_leaf"}, role
        if door.people is For.KEY and role != "admin":
            assert answer.status_code in (401, 404), role


@pytest.mark.parametrize(
    "name", [name for name, door in TABLE if door.people is For.OWNER and name != "portal:file"]
)
def test_the_owner_of_a_request_is_let_in(world: World, name: str):
    door = DOORS[name]

    answer, _written = knock(world.owner(), door.methods[0], address(name, door, world))

    assert answer.status_code in (200, 422)


@pytest.mark.parametrize(
    ("name", "door", "method"),
    [visit for visit in VISITS if visit[1].people in (For.PROGRAMS, For.OF_TICKET_PROGRAMS)],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_program_reaches_what_its_agent_may_see(world: World, name: str, door: Door, method: str):
    path, json = address(name, door, world), {"content_type": "application/json"}

    nobody, _ = knock(world.clients["admin"], method, path, **json)
    agents, written = knock(world.program(), method, path, **json)
    without, _ = knock(world.program(scopes=()), method, path, **json)
    leads, _ = knock(world.program("lead"), method, path, **json)

    # The session of a browser is worth nothing here.
    assert nobody.status_code == 401
    assert SECRET.encode() not in agents.body
    assert not written & {"tickets_ticket", "tickets_entry"}
    assert without.status_code in (403, 404)
    if door.people is For.OF_TICKET_PROGRAMS:
        assert leads.status_code not in (401, 403, 404, 405)
        assert agents.status_code == 404 or agents.status_code == leads.status_code == 422


@pytest.mark.once
@pytest.mark.parametrize("name", [name for name, _door in TABLE])
def test_a_look_changes_nothing(world: World, name: str):
    door = DOORS[name]
    path = address(name, door, world)
    visitors = [world.clients["admin"], world.owner(), world.program("admin"), world.clients["guest"]]

    for client in visitors:
        for method in ("GET", "HEAD", "OPTIONS"):
            answer, written = knock(client, method, path)

            assert written <= LEAVES.get(name, set()), f"{method} {path}"
            assert answer.status_code < 500


@pytest.mark.once
@pytest.mark.parametrize(("name", "method"), [(name, method) for name, _door, method in VISITS])
def test_every_page_forbids_foreign_scripts(world: World, name: str, method: str):
    path = address(name, DOORS[name], world)

    for client in (world.clients["admin"], world.clients["guest"], world.owner()):
        answer, _written = knock(client, method, path)
        if not answer.get("Content-Type", "").startswith("text/html"):
            continue
        policy = answer.get("Content-Security-Policy", "")
        rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))

        assert "unsafe-" not in rules.get("script-src", "")
        assert "unsafe-eval" not in policy
        assert "*" not in policy
        # A page of ours, or a stranger's mail that may do nothing at all.
        assert rules.get("default-src") == "'none'" or "sandbox" in rules
        assert not re.search(r"<[^>]+\son[a-z]+=", answer.body.decode())
        if "sandbox" not in rules:
            assert "unsafe-" not in policy
            assert not re.search(r"<[^>]+\sstyle=", answer.body.decode())
            # Blocks of data run nowhere.
            tags = re.findall(r"<script\b(?![^>]*application/json)[^>]*>", answer.body.decode())
            assert all("nonce=" in tag for tag in tags)


@pytest.mark.parametrize(
    ("name", "door", "method"),
    [visit for visit in VISITS if visit[1].people is For.OF_TICKET],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_what_is_closed_is_closed_to_those_who_see_everything_else(
    world: World, name: str, door: Door, method: str
):
    path = address(name, door, world)
    lead, admin = (Agent.objects.get(role=role) for role in ("lead", "admin"))
    # A private team for the one, a ticket about oneself for the other.
    world.foreign.barred.add(admin)

    barred, _written = knock(world.clients["admin"], method, path)
    Team.objects.filter(pk=world.foreign.team_id).update(is_private=True)
    private, _written = knock(signed_in(lead), method, path)

    for answer in (barred, private):
        assert answer.status_code == 404
        assert SECRET.encode() not in answer.body

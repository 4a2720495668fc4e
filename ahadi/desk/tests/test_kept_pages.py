"""A page of kept pieces is the page that would be drawn now, for whoever looks."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from ahadi.channels.models import Delivery
from ahadi.people.models import Agent, Customer, Team
from ahadi.testing import make
from ahadi.tickets.models import Tag
from ahadi.ui import drawn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
OF_ONE_REQUEST = re.compile(r'nonce="[^"]+"|name="csrfmiddlewaretoken" value="[^"]+"')


@pytest.fixture
def agent():
    return make.agent("Mara Lind", role="admin")


@pytest.fixture
def ticket(agent):
    ticket = make.ticket("The grinder is silent", subject="Grinder")
    ticket.reply("Which one is it?", by=agent)
    ticket.note("Third one this week", by=agent)
    ticket.assign(agent, by=agent)
    return ticket


def visitor(agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def page(client, ticket) -> str:
    return client.get(f"/desk/open/{ticket.number}/").content.decode()


def shown(client, ticket) -> str:
    return OF_ONE_REQUEST.sub("", page(client, ticket))


def fresh(client, ticket) -> str:
    drawn.kept.forget()
    return shown(client, ticket)


def test_every_reader_has_their_own_page(agent, ticket):
    readers = [agent, make.agent("Ben Otieno"), make.agent("مینا", language="fa", time_zone="Asia/Tehran")]
    clients = [visitor(reader) for reader in readers]
    expected = [fresh(client, ticket) for client in clients]
    drawn.kept.forget()

    for _ in range(2):
        assert [shown(client, ticket) for client in clients] == expected
    assert "Ben Otieno (you)" not in expected[0]
    assert 'dir="rtl"' in expected[2]


@pytest.mark.parametrize(
    "change",
    [
        lambda ticket, agent: Agent.objects.filter(pk=agent.pk).update(name="Mara Stein"),
        lambda ticket, agent: Agent.objects.filter(pk=agent.pk).update(role=Agent.Role.AGENT),
        lambda ticket, agent: Agent.objects.filter(pk=agent.pk).update(language="he"),
        lambda ticket, agent: Agent.objects.filter(pk=agent.pk).update(time_zone="Asia/Tehran"),
        lambda ticket, agent: Delivery.objects.update(state=Delivery.State.FAILED, last_error="550 5.1.1 no"),
        lambda ticket, agent: ticket.rename("Silent grinder", by=agent),
        lambda ticket, agent: ticket.retag([Tag.objects.create(name="mill")], by=agent),
        lambda ticket, agent: ticket.prioritise(4, by=agent),
        lambda ticket, agent: ticket.solve(by=agent),
    ],
)
def test_a_change_shows_at_once(agent, ticket, change):
    client = visitor(agent)
    before = shown(client, ticket)

    change(ticket, agent)
    after = shown(client, ticket)

    assert after != before
    assert after == fresh(client, ticket)


def test_a_new_name_shows_at_once_beside_the_ticket(agent, ticket):
    client = visitor(agent)
    page(client, ticket)

    Customer.objects.update(name="Ruth Ellis")
    Team.objects.update(name="Repairs")
    beside = page(client, ticket).partition('<aside class="context"')[2]

    assert "Ruth Ellis" in beside
    assert "Repairs" in beside


def test_nothing_of_one_request_is_kept(agent, ticket):
    client = visitor(agent)
    pages = [page(client, ticket) for _ in range(2)]
    tokens = [set(re.findall(r'csrfmiddlewaretoken" value="([^"]+)"', each)) for each in pages]
    nonces = [set(re.findall(r'nonce="([^"]+)"', each)) for each in pages]
    kept = str(drawn.kept._pieces)

    assert [len(found) for found in tokens + nonces] == [1, 1, 1, 1]
    assert tokens[0] != tokens[1]
    assert nonces[0] != nonces[1]
    assert not any(secret in kept for found in tokens + nonces for secret in found)
    assert drawn.CSRF not in pages[0]


def test_the_token_of_a_kept_page_opens_its_doors(agent, ticket):
    client = Client(enforce_csrf_checks=True)
    client.force_login(agent)
    page(client, ticket)
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page(client, ticket))[1]

    answer = client.post(
        f"/desk/open/{ticket.number}/priority/", {"priority": 4, "csrfmiddlewaretoken": token}
    )

    assert answer.status_code == 302


def test_who_may_not_see_a_ticket_is_not_shown_what_was_drawn_for_others(agent, ticket):
    page(visitor(agent), ticket)
    stranger = make.agent("Ben Otieno", teams=[make.team("Workshop")])

    answer = visitor(stranger).get(f"/desk/open/{ticket.number}/")

    assert answer.status_code == 404
    assert "Grinder" not in answer.content.decode()

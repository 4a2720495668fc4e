"""In which language a page is said."""

from __future__ import annotations

import pytest

from ahadi.testing import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(client):
    agent = make.agent("نگار احمدی", language="fa")
    client.force_login(agent, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.cookies["language"] = "he"
    return agent


def test_the_desk_speaks_the_agents_own_language(client, agent):
    page = client.get("/desk/open/")

    assert '<html lang="fa" dir="rtl"' in page.content.decode()


def test_an_agent_may_look_at_the_customers_pages_in_another_language(client, agent):
    page = client.get("/")

    assert '<html lang="he" dir="rtl"' in page.content.decode()

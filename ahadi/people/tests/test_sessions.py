"""Who is signed in is asked anew for every page, and what was taken away is gone with the next one."""

from __future__ import annotations

import pytest
from django.contrib.auth import SESSION_KEY, get_user_model
from django.test import Client
from django.utils import timezone

from ahadi.people.models import Agent, Session
from ahadi.people.sessions import SessionStore
from ahadi.testing import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return make.agent("Mara Lind")


@pytest.fixture
def desk(client, agent):
    client.force_login(agent)
    return client


def is_in(client) -> bool:
    return client.get("/desk/open/").status_code == 200


def test_a_session_knows_its_agent(desk, agent):
    assert Session.objects.get().agent == agent
    assert is_in(desk)


def test_session_and_agent_are_one_question(desk, django_assert_num_queries):
    session = SessionStore(desk.session.session_key)

    with django_assert_num_queries(1):
        number = session[SESSION_KEY]
        name = session.agent.name

    assert (number, name) == (str(Agent.objects.get().pk), "Mara Lind")


def test_who_is_deactivated_is_out_at_once(desk, agent):
    assert is_in(desk)

    Agent.objects.filter(pk=agent.pk).update(is_active=False)

    assert not is_in(desk)


def test_a_new_password_ends_every_other_session(desk, agent):
    agent.set_password("another long one")
    agent.save()

    assert not is_in(desk)


def test_a_changed_role_counts_at_once(desk, agent):
    assert desk.get("/desk/settings/company/").status_code == 403

    Agent.objects.filter(pk=agent.pk).update(role=Agent.Role.ADMIN)

    assert desk.get("/desk/settings/company/").status_code == 200


def test_the_agent_beside_a_session_is_not_believed_against_its_words(desk, agent):
    other = make.agent("Ben Otieno", role="admin")

    Session.objects.update(agent=other)

    assert "Mara Lind" in desk.get("/desk/open/").content.decode()


def test_a_session_of_a_backend_that_is_gone_is_none(desk):
    session = desk.session
    session["_auth_user_backend"] = "somewhere.else.Backend"
    session.save()

    assert not is_in(desk)


def test_a_session_that_is_over_is_none(desk):
    Session.objects.update(expire_date=timezone.now())

    assert not is_in(desk)


def test_a_made_up_session_is_none(client):
    client.cookies["session"] = "k" * 32

    assert not is_in(client)


def test_who_signs_out_is_out(desk):
    key = desk.session.session_key
    desk.post("/accounts/logout/")
    thief = Client()
    thief.cookies["session"] = key

    assert not is_in(thief)


def test_the_agent_of_the_request_is_a_whole_agent(desk, agent):
    found = desk.get("/desk/open/").wsgi_request.user

    assert isinstance(found, get_user_model())
    assert found == agent
    assert found.is_authenticated

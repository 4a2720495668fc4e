from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY

from ahadi.lib import clock
from ahadi.people import signin
from ahadi.people.models import SignInLink
from ahadi.testing import make

pytestmark = pytest.mark.django_db


def token_of(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def test_a_link_lets_in_once():
    agent = make.agent()
    token = token_of(signin.invite(agent))

    assert signin.redeem(token) == agent
    assert signin.redeem(token) is None


def test_a_link_ends_after_a_day(frozen):
    token = token_of(signin.invite(make.agent()))

    with clock.at(frozen + timedelta(hours=23, minutes=59)):
        assert signin.find(token) is not None
    with clock.at(frozen + timedelta(hours=24)):
        assert signin.redeem(token) is None


def test_a_link_of_somebody_who_left_is_nothing():
    agent = make.agent()
    token = token_of(signin.invite(agent))
    agent.is_active = False
    agent.save()

    assert signin.redeem(token) is None


def test_only_the_hash_of_a_link_is_kept():
    token = token_of(signin.invite(make.agent()))

    assert token not in str(SignInLink.objects.values().get())


@pytest.mark.parametrize("token", ["", "nonsense", "\0", "é" * 300])
def test_an_unknown_link_is_nothing(token):
    assert signin.redeem(token) is None


def test_looking_at_a_link_uses_nothing_up_and_the_button_signs_in(client):
    path = "/" + signin.invite(make.agent()).split("/", 3)[3]

    looked = [client.get(path).status_code for _ in range(2)]
    assert SESSION_KEY not in client.session
    entered = client.post(path)

    assert looked == [200, 200]
    assert (entered.status_code, entered["Location"]) == (302, "/desk/")
    assert SESSION_KEY in client.session
    assert client.get(path).status_code == 410


def test_nobody_signs_up(client):
    response = client.post(
        "/accounts/signup/",
        {"email": "x@y.example", "password1": "a-long-word-9", "password2": "a-long-word-9"},
    )

    assert response.status_code in (200, 403, 404)
    assert SESSION_KEY not in client.session

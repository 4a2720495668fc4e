from __future__ import annotations

import time

import pytest
from django.core import mail
from django.test import Client

from ahadi.people.entrance import Entrance
from ahadi.people.models import Agent
from ahadi.testing import make

pytestmark = pytest.mark.django_db
DOOR = "/desk/settings/sign-in/"
PROVIDER = {"issuer": "https://id.marlo.example", "client_id": "desk", "secret": "hush"}


def test_an_administrator_asks_for_second_factors_by_role(client, admin):
    client.post(DOOR, {"required": ["admin", "lead"]})

    assert Entrance.current().required == ["admin", "lead"]


def test_the_secret_is_written_and_never_shown(client, admin):
    client.post(DOOR, PROVIDER)
    page = client.get(DOOR).text

    assert Entrance.current().read_secret() == "hush"
    assert "hush" not in page
    assert Entrance.current().secret not in page


def test_an_empty_secret_keeps_the_one_there_is(client, admin):
    client.post(DOOR, PROVIDER)
    client.post(DOOR, {**PROVIDER, "secret": "", "name": "Marlo ID"})

    assert (Entrance.current().name, Entrance.current().read_secret()) == ("Marlo ID", "hush")


def test_a_secret_is_never_sent_to_another_provider(client, admin):
    client.post(DOOR, PROVIDER)

    answer = client.post(DOOR, {**PROVIDER, "issuer": "https://evil.example", "secret": ""})

    assert answer.status_code == 422
    assert Entrance.current().issuer == "https://id.marlo.example"


@pytest.mark.parametrize(
    "wrong", [{"issuer": "http://id.marlo.example"}, {"client_id": ""}, {"secret": ""}, {"issuer": "no"}]
)
def test_half_a_provider_is_refused(client, admin, wrong):
    assert client.post(DOOR, {**PROVIDER, **wrong}).status_code == 422


def entered(client, agent: Agent, ago: int) -> None:
    client.force_login(agent)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time() - ago, "reauthenticated": True}
    ]
    session.save()


@pytest.mark.parametrize(
    "door",
    [
        DOOR,
        "/desk/settings/agents/",
        "/desk/settings/agents/{pk}/",
        "/desk/settings/agents/{pk}/link/",
        "/desk/settings/agents/{pk}/sessions/removal/",
    ],
)
def test_dangerous_acts_ask_who_it_is_once_more(client, door):
    make.company()
    other = make.agent()
    admin = make.admin(password="only for tests 1")
    entered(client, admin, ago=3600)

    answer = client.post(door.format(pk=other.pk), {"role": "admin"})

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not other.sign_in_links.exists()


def test_after_it_was_shown_the_act_is_done(client):
    make.company()
    admin = make.admin(password="only for tests 1")
    entered(client, admin, ago=3600)
    asked = client.post(DOOR, {"required": ["lead"]})

    client.post(asked["Location"], {"password": "only for tests 1"})

    assert Entrance.current().required == ["lead"]


def test_shortly_after_that_nobody_is_asked_again(client):
    make.company()
    entered(client, make.admin(password="only for tests 1"), ago=3600)
    asked = client.post(DOOR, {"required": ["lead"]})
    client.post(asked["Location"], {"password": "only for tests 1"})

    client.post(DOOR, {"required": ["agent"]})

    assert Entrance.current().required == ["agent"]


def test_an_invitation_goes_out_by_mail(client, admin, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    given = {
        "name": "Wim Works",
        "email": "wim@marlo.example",
        "role": "agent",
        "language": "en",
        "way": "mail",
    }

    page = client.post("/desk/settings/agents/", given, follow=True)

    assert mail.outbox[0].to == ["wim@marlo.example"]
    assert "gets a mail with a link" in page.text
    assert "/accounts/link/" not in page.text


def test_an_administrator_signs_somebody_out_everywhere(client, admin):
    mara = make.agent("Mara Lind")
    hers = Client()
    hers.force_login(mara)
    assert hers.get("/desk/open/").status_code == 200

    page = client.post(f"/desk/settings/agents/{mara.pk}/sessions/removal/", follow=True)

    assert "Mara Lind is signed out on every device" in page.text
    assert hers.get("/desk/open/").status_code == 302
    assert client.get("/desk/open/").status_code == 200


@pytest.mark.parametrize("path", ["in/", "webhooks", "consent/"])
def test_where_secrets_are_typed_it_was_shown_before_who_it_is(client, path):
    inbox = make.inbox()
    admin = make.admin(password="only for tests 1")
    entered(client, admin, ago=3600)
    door = (
        "/desk/settings/inboxes/webhooks/"
        if path == "webhooks"
        else f"/desk/settings/inboxes/{inbox.pk}/{path}"
    )

    for ask in (client.get, client.post):
        answer = ask(door, {"password": "not to be kept"})

        assert answer["Location"].startswith("/accounts/reauthenticate/?next=%2Fdesk%2Fsettings")
        assert "not to be kept" not in str(dict(client.session))

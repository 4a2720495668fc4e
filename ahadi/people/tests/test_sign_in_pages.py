"""The pages of signing in, in the look of the product."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from ahadi.lib import clock
from ahadi.people import signin
from ahadi.testing import make

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PASSWORD = "a long enough password"
OPEN_TO_ALL = [
    "account_login",
    "account_request_login_code",
    "account_reset_password",
    "account_reset_password_done",
]
OF_AGENTS = [
    "account_change_password",
    "account_logout",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_list_webauthn",
    "mfa_generate_recovery_codes",
    "usersessions_list",
]


@pytest.fixture(autouse=True)
def fresh_tries():
    """Nobody has tried to sign in yet."""
    cache.clear()


def signed_in(client, **fields):
    """An agent who just typed their password."""
    agent = make.agent(password=PASSWORD, **fields)
    client.post(reverse("account_login"), {"login": agent.email, "password": PASSWORD})
    return agent


@pytest.mark.parametrize("name", OPEN_TO_ALL)
def test_everybody_can_open_the_pages_before_signing_in(client, name):
    page = client.get(reverse(name))

    assert page.status_code == 200
    assert "skip" in page.content.decode()


@pytest.mark.parametrize("name", OF_AGENTS)
@pytest.mark.parametrize("language", ["en", "he"])
def test_an_agent_can_open_the_pages_of_the_account(client, name, language):
    signed_in(client, language=language)

    page = client.get(reverse(name), follow=True)

    assert page.status_code == 200, page.redirect_chain
    assert f'lang="{language}" dir="{"rtl" if language == "he" else "ltr"}"' in page.content.decode()


@pytest.mark.parametrize("name", OF_AGENTS)
def test_nobody_opens_the_pages_of_the_account_without_signing_in(client, name):
    page = client.get(reverse(name))

    assert page.status_code == 302


@pytest.mark.parametrize("name", OPEN_TO_ALL + OF_AGENTS)
def test_every_script_of_the_pages_may_run_under_the_policy(client, name):
    if name in OF_AGENTS:
        signed_in(client)

    page = client.get(reverse(name), follow=True)

    nonce = re.search(r"'nonce-([^']+)'", page["Content-Security-Policy"])[1]
    scripts = re.findall(r"<script\b[^>]*>", page.content.decode())
    running = [script for script in scripts if "application/json" not in script]
    assert running
    assert all(f'nonce="{nonce}"' in script for script in running)


def test_the_sign_in_page_offers_no_sign_up(client):
    page = client.get(reverse("account_login"))

    assert reverse("account_signup") not in page.content.decode()
    assert client.get(reverse("account_signup")).status_code == 200
    assert "invite" in client.get(reverse("account_signup")).content.decode()


def test_a_password_signs_in_and_leads_to_the_desk(client):
    agent = make.agent(password=PASSWORD)

    answer = client.post(reverse("account_login"), {"login": agent.email.upper(), "password": PASSWORD})

    assert answer.status_code == 302
    assert answer["Location"] == "/desk/"


def test_a_wrong_password_keeps_the_address_that_was_typed(client):
    agent = make.agent(password=PASSWORD)

    page = client.post(reverse("account_login"), {"login": agent.email, "password": "wrong"})

    assert page.status_code == 422
    assert agent.email in page.content.decode()
    assert 'role="alert"' in page.content.decode()


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("account_login", {"login": "", "password": ""}),
        ("account_request_login_code", {"email": "nobody"}),
        ("account_reset_password", {"email": "nobody"}),
    ],
)
def test_wrong_input_is_told_with_422_and_shown_again(client, name, given):
    page = client.post(reverse(name), given)

    assert page.status_code == 422
    assert "field__error" in page.content.decode()


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("account_change_password", {"oldpassword": "wrong", "password1": "short"}),
        ("mfa_activate_totp", {"code": "1"}),
    ],
)
def test_wrong_input_of_an_agent_is_told_with_422_and_shown_again(client, name, given):
    signed_in(client)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    page = client.post(reverse(name), given)

    assert page.status_code == 422
    assert "field__error" in page.content.decode()


def test_a_wrong_code_is_told_with_422(client):
    agent = make.agent()
    client.post(reverse("account_request_login_code"), {"email": agent.email})

    page = client.post(reverse("account_confirm_login_code"), {"code": "wrong"})

    assert page.status_code == 422


def test_a_code_is_asked_for_and_can_be_entered(client, mailoutbox):
    agent = make.agent()

    page = client.post(reverse("account_request_login_code"), {"email": agent.email}, follow=True)

    assert page.status_code == 200
    assert 'name="code"' in page.content.decode()
    code = re.search(r"(?m)^([A-Z0-9-]{6,9})$", mailoutbox[0].body)[1]
    entered = client.post(reverse("account_confirm_login_code"), {"code": code})
    assert entered["Location"] == "/desk/"


def test_a_new_password_can_be_chosen_by_a_link_in_a_mail(client, mailoutbox):
    agent = make.agent(password=PASSWORD)
    client.post(reverse("account_reset_password"), {"email": agent.email})
    link = re.search(r"https?://\S+", mailoutbox[0].body)[0]

    page = client.get(urlsplit(link).path, follow=True)
    path = page.redirect_chain[-1][0]
    changed = client.post(path, {"password1": "another long password", "password2": "another long password"})

    assert page.status_code == 200
    assert changed.status_code == 302
    agent.refresh_from_db()
    assert agent.check_password("another long password")


def test_the_address_of_an_account_is_not_changed_here(client):
    signed_in(client)

    answer = client.get("/accounts/email/")

    assert answer.status_code == 302
    assert answer["Location"] == "/desk/settings/profile/"


def test_a_one_time_link_is_opened_without_using_it_up(client):
    path = urlsplit(signin.invite(make.agent("Mara Lind"))).path

    first, second = client.get(path), client.get(path)

    assert first.status_code == second.status_code == 200
    assert "Hello Mara" in second.content.decode()
    assert second["Referrer-Policy"] == "same-origin"


def test_a_one_time_link_signs_in_once(client):
    agent = make.agent()
    path = urlsplit(signin.invite(agent)).path

    first = client.post(path)
    signed_in_as = client.session["_auth_user_id"]
    client.logout()
    second = client.post(path)

    assert first["Location"] == "/desk/"
    assert signed_in_as == str(agent.pk)
    assert second.status_code == 410
    assert "_auth_user_id" not in client.session


def test_a_one_time_link_is_good_for_a_day(client):
    path = urlsplit(signin.invite(make.agent())).path

    with clock.at(clock.now() + timedelta(hours=24, seconds=1)):
        page = client.post(path)

    assert page.status_code == 410
    assert "no longer works" in page.content.decode()


def test_the_link_of_somebody_who_left_does_not_work(client):
    agent = make.agent()
    path = urlsplit(signin.invite(agent)).path
    agent.is_active = False
    agent.save()

    assert client.post(path).status_code == 410
    assert isinstance(client.get(path).wsgi_request.user, AnonymousUser)


def test_somebody_who_came_by_link_can_set_up_a_password_and_a_second_factor(client):
    agent = make.agent()
    client.post(urlsplit(signin.invite(agent)).path)

    for name in ("account_set_password", "mfa_activate_totp", "mfa_add_webauthn"):
        page = client.get(reverse(name))
        assert page.status_code == 200, (name, page.get("Location"))


def test_the_list_of_devices_signs_out_the_others(client):
    signed_in(client, email="ada@marlo.example")
    other = Client(headers={"user-agent": "A browser of long ago"})
    other.post(reverse("account_login"), {"login": "ada@marlo.example", "password": PASSWORD})

    page = client.get(reverse("usersessions_list")).content.decode()
    client.post(reverse("usersessions_list"))

    assert "A browser of long ago" in page
    assert page.count("this device") == 1
    assert client.get("/desk/", follow=True).status_code == 200
    assert other.get("/desk/")["Location"].startswith("/accounts/login/")


def test_who_came_by_link_stands_in_the_list_of_devices(client):
    link = urlsplit(signin.invite(make.agent())).path
    client.post(link)

    page = client.get(reverse("usersessions_list")).content.decode()

    assert "this device" in page


@pytest.mark.parametrize("name", ["account_reauthenticate", "mfa_reauthenticate"])
def test_who_changes_how_they_sign_in_shows_once_more_who_they_are(client, name):
    agent = signed_in(client)
    TOTP.activate(agent, "JBSWY3DPEHPK3PXP")

    page = client.get(reverse(name))

    assert page.status_code == 200
    assert f'action="{reverse(name)}"' in page.content.decode()
    assert "Another way" in page.content.decode()

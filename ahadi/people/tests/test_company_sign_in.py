from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import SESSION_KEY

from ahadi.people.entrance import Entrance
from ahadi.people.models import Agent
from ahadi.testing import make, oidc

pytestmark = pytest.mark.django_db
BUTTON = "/accounts/oidc/company/login/"


@pytest.fixture
def provider() -> Iterator[oidc.Provider]:
    with oidc.running() as found:
        entrance = Entrance.current()
        entrance.name, entrance.issuer, entrance.client_id = "Marlo ID", found.issuer, oidc.CLIENT
        entrance.keep_secret(oidc.SECRET)
        entrance.save()
        yield found


@pytest.fixture
def mara() -> Agent:
    return make.agent("Mara Lind", email="mara@marlo.example")


def go(client):
    """Press the button, say yes at the provider, come back."""
    away = client.post(BUTTON)
    assert away.status_code == 302
    back = requests.get(away["Location"], allow_redirects=False, timeout=5).headers["Location"]
    parts = urlsplit(back)
    return client.get(f"{parts.path}?{parts.query}")


def test_the_button_stands_where_one_signs_in_and_may_lead_away(client, provider):
    page = client.get("/accounts/login/")

    assert "Sign in with Marlo ID" in page.text
    assert f"form-action 'self' {provider.issuer}" in page["Content-Security-Policy"]


def test_without_a_provider_there_is_no_button(client):
    assert "company account" not in client.get("/accounts/login/").text
    assert client.post(BUTTON).status_code == 404


def test_an_agent_comes_in_with_the_account_of_the_company(client, provider, mara):
    answer = go(client)

    assert answer["Location"] == "/desk/"
    assert client.session[SESSION_KEY] == str(mara.pk)
    assert SocialAccount.objects.get().user == mara


def test_an_account_that_was_joined_is_known_by_itself_and_not_by_its_address(client, provider, mara):
    go(client)
    client.post("/accounts/logout/")
    provider.person = {**provider.person, "email": "other@marlo.example"}

    go(client)

    assert client.session[SESSION_KEY] == str(mara.pk)


def test_the_request_carries_state_and_a_proof_for_its_code(client, provider):
    query = parse_qs(urlsplit(client.post(BUTTON)["Location"]).query)

    assert query["code_challenge_method"] == ["S256"]
    assert len(query["state"][0]) > 8


@pytest.mark.parametrize(
    "person",
    [
        {"email_verified": False},
        {"email": "nobody@marlo.example"},
    ],
)
def test_who_is_no_agent_by_a_proven_address_stays_outside(client, provider, mara, person):
    provider.person = {**provider.person, **person}

    answer = go(client)

    assert answer["Location"].startswith("/accounts/login/")
    assert SESSION_KEY not in client.session
    assert Agent.objects.count() == 1


def test_who_has_left_stays_outside(client, provider, mara):
    mara.is_active = False
    mara.save()

    go(client)

    assert SESSION_KEY not in client.session


def test_a_token_for_another_program_is_worth_nothing(client, provider, mara):
    provider.audience = "somebody-else"

    go(client)

    assert SESSION_KEY not in client.session


def test_an_answer_that_nobody_asked_for_is_refused(client, provider, mara):
    client.get("/accounts/oidc/company/login/callback/?code=code-0&state=made-up")

    assert SESSION_KEY not in client.session

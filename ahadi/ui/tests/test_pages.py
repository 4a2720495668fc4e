from __future__ import annotations

import pytest
from django.conf import settings

from ahadi.testing import make

pytestmark = pytest.mark.django_db


def test_the_components_page_shows_both_directions_and_schemes(client):
    page = client.get("/ui/").content.decode()

    assert 'dir="rtl"' in page
    assert 'data-scheme="dark"' in page
    assert "&lt;section" not in page


def test_an_unknown_address_says_what_is_safe_and_what_next(client):
    answer = client.get("/nothing/here/")

    assert answer.status_code == 404
    assert "every message is kept" in answer.content.decode()


def test_a_fragment_that_fails_gets_a_notice_only(client):
    answer = client.get("/nothing/here/", headers={"HX-Request": "true"})

    assert "<html" not in answer.content.decode()


@pytest.mark.parametrize(
    ("header", "language"),
    [("fa-IR,en;q=0.5", "fa"), ("iw", "he"), ("de,ro;q=0.8", "ro"), ("sw", "sw"), ("de", "en"), ("", "en")],
)
def test_the_browser_is_answered_in_its_language(client, header: str, language: str):
    page = client.get("/ui/", headers={"Accept-Language": header}).content.decode()

    assert f'<html lang="{language}"' in page


def test_a_chosen_language_is_remembered(client):
    answer = client.post("/language/", {"language": "he", "next": "/ui/"})

    page = client.get("/ui/", headers={"Accept-Language": "fa"}).content.decode()

    assert answer["Location"] == "/ui/"
    assert '<html lang="he" dir="rtl"' in page


def test_a_language_is_chosen_by_a_form_only(client):
    assert client.get("/language/").status_code == 405


def test_a_choice_of_language_never_leads_elsewhere(client):
    answer = client.post("/language/", {"language": "he", "next": "https://evil.example/"})

    assert answer["Location"] == "/"


def test_the_choice_of_an_agent_is_kept_with_the_agent(client):
    agent = make.agent(language="en")
    client.force_login(agent, backend=settings.AUTHENTICATION_BACKENDS[0])

    client.post("/language/", {"language": "ro", "next": "/"})

    agent.refresh_from_db()
    assert agent.language == "ro"


def test_the_colour_scheme_is_drawn_by_the_server(client):
    client.cookies["scheme"] = "dark"

    assert 'data-scheme="dark">' in client.get("/nothing/").content.decode()


def test_a_time_zone_that_does_not_exist_is_ignored(client):
    client.cookies["time_zone"] = "Europe/../../etc/passwd"

    assert client.get("/ui/").status_code == 200
